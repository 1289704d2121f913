<?php
// What the pages of rpc.sh's FastCGI captures say.
http_response_code((int) ($_GET['status'] ?? 200));
header('Content-Type: text/plain');
header('X-Request-ID: answer-1');
echo str_repeat('z', (int) ($_GET['large'] ?? 20));
