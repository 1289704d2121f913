<?php
// Fails while it answers.
ini_set('display_errors', '0');
ini_set('log_errors', '1');
nothing_of_that_name();
