//! ReadySet, Readiness, TCP and files, on both engines.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::sync::mpsc;
use std::time::Duration;

use common::{engines, on_each, run};
use fathom_shard::net::{TcpListener, TcpStream};
use fathom_shard::{Readiness, ReadySet, file, spawn_local, timeout};
use futures_lite::{AsyncReadExt, AsyncWriteExt};

const LONG: Duration = Duration::from_secs(60);

/// Each byte is written by another thread only after the reader took the one before and went
/// back to waiting: a single lost wake-up ends in a timeout.
#[test]
fn a_pipe_written_by_another_thread_wakes_its_reader_every_time() {
    const BYTES: u8 = 200;
    for engine in engines() {
        let (ask, asked) = mpsc::channel::<usize>();
        let pipes: Vec<_> = (0..3).map(|_| std::io::pipe().unwrap()).collect();
        let (readers, mut writers): (Vec<_>, Vec<_>) = pipes.into_iter().unzip();
        let writer = std::thread::spawn(move || {
            let mut sent = [0u8; 3];
            while let Ok(which) = asked.recv() {
                writers[which].write_all(&[sent[which]]).unwrap();
                sent[which] += 1;
            }
        });
        let readers = std::sync::Arc::new(readers);
        run(1, engine, move |_| {
            let (ask, readers) = (ask.clone(), readers.clone());
            async move {
                let tasks: Vec<_> = (0..3)
                    .map(|which| {
                        let (ask, readers) = (ask.clone(), readers.clone());
                        spawn_local(async move {
                            let mut pipe = &readers[which];
                            let ready = Readiness::new(pipe.as_raw_fd()).unwrap();
                            for expected in 0..BYTES {
                                assert!(!ready.wait(Duration::ZERO).await);
                                ask.send(which).unwrap();
                                assert!(ready.wait(LONG).await, "lost wake-up at {expected}");
                                let mut byte = [0];
                                pipe.read_exact(&mut byte).unwrap();
                                assert_eq!(byte[0], expected);
                            }
                        })
                    })
                    .collect();
                for task in tasks {
                    task.await.unwrap();
                }
            }
        })
        .join()
        .unwrap();
        writer.join().unwrap();
    }
}

#[test]
fn waits_end_by_time_by_cancelling_and_by_hang_up() {
    on_each(|| async {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let ready = Readiness::new(reader.as_raw_fd()).unwrap();
        assert!(!ready.wait(Duration::from_millis(5)).await);
        // Cancelled half way, the same watch still works afterwards.
        for _ in 0..50 {
            assert!(timeout(Duration::from_micros(100), ready.ready()).await.is_err());
        }
        // Two waits on one watch both end.
        let ready = std::rc::Rc::new(ready);
        let other = spawn_local({
            let ready = ready.clone();
            async move { ready.wait(LONG).await }
        });
        fathom_shard::yield_now().await;
        writer.write_all(&[1]).unwrap();
        assert!(ready.wait(LONG).await);
        assert_eq!(other.await, Ok(true));
        // Undrained: told again at once. Level, not edge.
        assert!(ready.wait(Duration::ZERO).await);
        let mut byte = [0];
        (&reader).read_exact(&mut byte).unwrap();
        assert!(!ready.wait(Duration::ZERO).await);
        drop(writer);
        assert!(ready.wait(LONG).await, "a hang-up is news");
        // The watch may outlive the descriptor.
        drop(reader);
        drop(ready);
        assert!(Readiness::new(-1).is_err());
        let regular = std::fs::File::open("/proc/self/exe").unwrap();
        assert!(Readiness::new(regular.as_raw_fd()).is_err(), "files are never waited for");
    });
}

#[test]
fn a_set_is_ready_when_one_of_its_members_is() {
    on_each(|| async {
        let set = ReadySet::new().unwrap();
        let mut pipes: Vec<_> = (0..3).map(|_| std::io::pipe().unwrap()).collect();
        for (reader, _) in &pipes {
            set.add(reader.as_raw_fd()).unwrap();
        }
        assert!(set.add(pipes[0].0.as_raw_fd()).is_err(), "it is in already");
        for (reader, writer) in &mut pipes {
            assert!(timeout(Duration::from_millis(2), set.ready()).await.is_err());
            writer.write_all(&[1]).unwrap();
            assert!(timeout(LONG, set.ready()).await.is_ok() && set.is_ready());
            reader.read_exact(&mut [0]).unwrap();
        }
        let fd = pipes[1].0.as_raw_fd();
        set.remove(fd).unwrap();
        assert!(set.remove(fd).is_err(), "it is out already");
        pipes[1].1.write_all(&[1]).unwrap();
        assert!(!set.is_ready());
        // One that was closed without being removed is forgotten.
        pipes[2].1.write_all(&[1]).unwrap();
        assert!(set.is_ready());
        pipes.truncate(2);
        assert!(!set.is_ready());
        set.add(fd).unwrap();
        assert!(timeout(LONG, set.ready()).await.is_ok());
    });
}

#[test]
fn tcp_echo_between_two_shards() {
    const BYTES: usize = 3 << 20;
    for engine in engines() {
        let (tell, told) = mpsc::channel::<SocketAddr>();
        let told = std::sync::Arc::new(std::sync::Mutex::new(told));
        run(2, engine, move |id| {
            let (tell, told) = (tell.clone(), told.clone());
            async move {
                if id.index == 0 {
                    let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap(), true).unwrap();
                    tell.send(listener.local_addr().unwrap()).unwrap();
                    let (mut stream, peer) = listener.accept().await.unwrap();
                    assert_eq!(stream.peer_addr().unwrap(), peer);
                    let mut buf = vec![0; 64 << 10];
                    loop {
                        let n = stream.read(&mut buf).await.unwrap();
                        if n == 0 {
                            break;
                        }
                        stream.write_all(&buf[..n]).await.unwrap();
                    }
                    stream.close().await.unwrap();
                    return;
                }
                let addr = fathom_shard::file::blocking(move || told.lock().unwrap().recv())
                    .await
                    .unwrap()
                    .unwrap();
                let stream = TcpStream::connect(addr, LONG).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let (mut reader, mut writer) = stream.split();
                let sender = spawn_local(async move {
                    let data: Vec<u8> = (0..BYTES).map(|i| (i % 251) as u8).collect();
                    writer.write_all(&data).await.unwrap();
                    writer.close().await.unwrap();
                });
                let mut back = Vec::new();
                reader.read_to_end(&mut back).await.unwrap();
                sender.await.unwrap();
                assert_eq!(back.len(), BYTES);
                assert!(back.iter().enumerate().all(|(i, &b)| b == (i % 251) as u8));
            }
        })
        .join()
        .unwrap_or_else(|error| panic!("{engine:?}: {error}"));
    }
}

#[test]
fn connecting_to_nobody_is_refused_and_listeners_can_share_a_port() {
    on_each(|| async {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let listener = TcpListener::bind(any, true).unwrap();
        let addr = listener.local_addr().unwrap();
        let second = TcpListener::bind(addr, true).unwrap();
        assert!(TcpListener::bind(addr, false).is_err());
        drop((listener, second));
        let refused = TcpStream::connect(addr, LONG).await.unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    });
}

#[test]
fn connecting_to_a_host_that_does_not_answer_times_out() {
    on_each(|| async {
        // A listener that never accepts: once its backlog is full, the kernel drops attempts.
        let deaf =
            socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        deaf.bind(&any.into()).unwrap();
        deaf.listen(0).unwrap();
        let addr = deaf.local_addr().unwrap().as_socket().unwrap();
        let mut held = Vec::new();
        loop {
            match TcpStream::connect(addr, Duration::from_millis(30)).await {
                Ok(stream) => held.push(stream),
                Err(error) => {
                    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut, "{error}");
                    break;
                }
            }
            assert!(held.len() < 100, "the backlog never fills");
        }
    });
}

#[test]
fn files_are_appended_renamed_and_read_back() {
    on_each(|| async {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/one.spool");
        file::create_dir_all(path.parent().unwrap()).await.unwrap();
        let data: Vec<u8> = (0..(2usize << 20) + 7).map(|i| (i % 253) as u8).collect();
        let mut out = file::File::create(&path).await.unwrap();
        out.write_all(&data).await.unwrap();
        out.write_all(b"").await.unwrap();
        out.fdatasync().await.unwrap();
        assert_eq!(out.end(), data.len() as u64);
        out.close().await.unwrap();

        let mut more = file::File::append(&path).await.unwrap();
        assert_eq!(more.end(), data.len() as u64);
        more.write_all(b"tail").await.unwrap();
        assert_eq!(more.len().await.unwrap(), data.len() as u64 + 4);
        more.close().await.unwrap();

        let moved = path.with_extension("done");
        file::rename(&path, &moved).await.unwrap();
        file::sync_dir(path.parent().unwrap()).await.unwrap();
        assert_eq!(file::list(path.parent().unwrap()).await.unwrap(), std::slice::from_ref(&moved));
        let back = file::read_all(&moved, data.len() + 4).await.unwrap();
        assert_eq!(back.len(), data.len() + 4);
        assert!(back.starts_with(&data) && back.ends_with(b"tail"));
        assert_eq!(
            file::read_all(&moved, data.len()).await.unwrap_err().kind(),
            std::io::ErrorKind::FileTooLarge
        );
        assert_eq!(
            file::File::open_read(&path).await.unwrap_err().kind(),
            std::io::ErrorKind::NotFound
        );
        file::remove(&moved).await.unwrap();
        assert_eq!(file::remove(&moved).await.unwrap_err().kind(), std::io::ErrorKind::NotFound);
    });
}
