//! `Engine::Auto` where io_uring is refused: shards run on epoll and say why.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::thread;

use fathom_shard::{Engine, Error, Kind, Placement, start};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

fn falls_back(expected: &str) {
    let place = Placement::count(2).unwrap().unpinned();
    let refused = start(&place, Engine::Glommio, |_| async {}).unwrap_err();
    assert!(matches!(refused, Error::Engine { engine: "glommio", .. }), "{refused}");
    assert!(refused.to_string().contains(expected), "{refused}");
    let shards =
        start(&place, Engine::Auto, |_| async { fathom_shard::yield_now().await }).unwrap();
    assert_eq!(shards.engine(), Kind::Epoll);
    assert!(shards.describe().contains(expected), "{}", shards.describe());
    shards.join().unwrap();
}

/// What the default seccomp profiles of container engines do, on one thread and its children.
fn refuse_io_uring() {
    let op = |code, jt, jf, k| libc::sock_filter { code, jt, jf, k };
    let number = u32::try_from(libc::SYS_io_uring_setup).unwrap();
    let eperm = libc::SECCOMP_RET_ERRNO | libc::EPERM.cast_unsigned();
    let mut program = [
        // Load the system call's number, compare, refuse or allow.
        op((libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16, 0, 0, 0),
        op((libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16, 0, 1, number),
        op((libc::BPF_RET | libc::BPF_K) as u16, 0, 0, eperm),
        op((libc::BPF_RET | libc::BPF_K) as u16, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let filter = libc::sock_fprog { len: 4, filter: program.as_mut_ptr() };
    // SAFETY: the first call takes plain numbers; the second reads the program of four
    // instructions that `filter` points to, which lives until after it.
    let done = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
            && libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const filter) == 0
    };
    assert!(done, "{}", std::io::Error::last_os_error());
}

/// One test, because the limit of locked memory belongs to the whole process.
#[test]
fn shards_run_on_epoll_where_io_uring_is_refused() {
    thread::spawn(|| {
        refuse_io_uring();
        falls_back("seccomp");
    })
    .join()
    .unwrap();

    let before = getrlimit(Resource::Memlock);
    let low = Rlimit { current: Some(100 << 10), maximum: before.maximum };
    setrlimit(Resource::Memlock, low).unwrap();
    falls_back("ulimit -l");
    setrlimit(Resource::Memlock, before).unwrap();
}
