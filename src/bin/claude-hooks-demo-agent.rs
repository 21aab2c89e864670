//! The agent of the demo fleet and of the tests: one static program that an image can be made of, FROM nothing.
//!
//! It stands in for a coding agent where only the container's life matters: `run` works until it is stopped and counts
//! on under `/state`; the other verbs make a container end, fill its memory, ignore a stop, or show what is inside.

use std::io::{self, Read as _, Write};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use rustix::process::{Signal, getpid, kill_process, setsid};
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "\
usage: claude-hooks-demo-agent VERB
  run                 print a line every few seconds, count on in /state/counter, end by SIGTERM
  sleep [SECONDS]     do nothing, for ever without SECONDS
  exit CODE           end at once
  eat-memory BYTES    take so much memory and keep it
  ignore-term         run, but take no notice of SIGTERM
  end-slowly MILLIS   run, and take so long to end by SIGTERM
  print-env NAME...   print NAME=value of each, fail if one is not set
  write PATH TEXT     replace a file
  cat PATH            print a file
  copy                print what comes on stdin
  print BYTES         print so many bytes, as fast as somebody takes them
  await PATH CODE     say that it began, wait until there is such a file, say that it ended
  count PATH CODE     the same, and print a number every few milliseconds in between
  eat-after PATH BYTES  wait until there is such a file, remove it, and eat memory
  hold BYTES          take so much memory and keep it, and 256 MiB more by SIGUSR1
  crowd COUNT         keep so many processes; by SIGUSR1 one more after the other until one is refused; by SIGUSR2 end with 1
  fill PATH BYTES     write so much into a file, as far as it fits
  hang-on PATH        remove such a file, work until there is one again, and hang
  lacks PATH          fail, and say so, if there is such a file
  die-by SIGNAL       end by the signal of this number
  flee                leave a process in a session of its own that takes no notice of SIGTERM, and wait";

/// Where a container of the fleet keeps what must outlive it.
const COUNTER: &str = "/state/counter";
/// Where each `await` leaves a line.
const BEGUN: &str = "/state/begun";
const BEAT: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match act(&words) {
        Ok(code) => code,
        Err(error) => {
            // A closed stderr is no reason to fail otherwise than with this code.
            let _ = writeln!(io::stderr(), "claude-hooks-demo-agent: {error}");
            ExitCode::FAILURE
        }
    }
}

fn act(words: &[&str]) -> io::Result<ExitCode> {
    match words {
        [] | ["run"] => work(),
        ["sleep"] => loop {
            thread::sleep(Duration::from_hours(1));
        },
        ["sleep", seconds] => {
            thread::sleep(Duration::from_secs(number(seconds)?));
            Ok(ExitCode::SUCCESS)
        }
        ["exit", code] => {
            let code = number(code)?;
            Ok(ExitCode::from(u8::try_from(code).map_err(|_| invalid("an exit code is 0 to 255"))?))
        }
        ["eat-memory", bytes] => eat_memory(number(bytes)?),
        ["ignore-term"] => ignore_term(),
        ["end-slowly", millis] => end_slowly(Duration::from_millis(number(millis)?)),
        ["print-env", names @ ..] => print_env(names),
        ["write", path, text] => {
            fs::write(path, text)?;
            Ok(ExitCode::SUCCESS)
        }
        ["cat", path] => {
            io::stdout().write_all(&fs::read(path)?)?;
            Ok(ExitCode::SUCCESS)
        }
        ["copy"] => {
            io::copy(&mut io::stdin().lock(), &mut io::stdout().lock())?;
            Ok(ExitCode::SUCCESS)
        }
        ["print", bytes] => print(number(bytes)?),
        ["await", path, code] => await_file(Path::new(path), code, || Ok(())),
        ["count", path, code] => {
            let mut count: u64 = 0;
            await_file(Path::new(path), code, || {
                count += 1;
                say(&count.to_string())
            })
        }
        ["eat-after", path, bytes] => {
            let path = Path::new(path);
            wait_for_file(path, || Ok(()))?;
            fs::remove_file(path)?;
            eat_memory(number(bytes)?)
        }
        ["hold", bytes] => hold(number(bytes)?),
        ["crowd", count] => crowd(number(count)?),
        ["fill", path, bytes] => fill(Path::new(path), number(bytes)?),
        ["hang-on", path] => hang_on(Path::new(path)),
        ["lacks", path] => lacks(Path::new(path)),
        ["die-by", signal] => die_by(number(signal)?),
        ["flee"] => {
            let program = env::current_exe()?;
            // This child ends at once, so that what it leaves has no parent but pid 1.
            Command::new(program).arg("leave-fled").status()?;
            act(&["sleep"])
        }
        ["leave-fled"] => {
            Command::new(env::current_exe()?).arg("fled").spawn()?;
            Ok(ExitCode::SUCCESS)
        }
        ["fled"] => {
            setsid()?;
            ignore_term()
        }
        _ => {
            writeln!(io::stderr(), "{USAGE}")?;
            Ok(ExitCode::from(2))
        }
    }
}

fn invalid(text: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, text.into())
}

fn number(text: &str) -> io::Result<u64> {
    text.parse().map_err(|_| invalid(format!("{text:?} is not a number")))
}

/// Each life of the container begins where the last one ended: the counter shows that the state was kept.
fn work() -> io::Result<ExitCode> {
    let counter = Path::new(COUNTER);
    let mut beats: u64 = match fs::read_to_string(counter) {
        Ok(text) => number(text.trim())?,
        Err(_) => 0,
    };
    say(&format!("started at beat {beats}"))?;
    loop {
        beats += 1;
        // Without a state volume there is nowhere to count; the agent works all the same.
        // Renamed into place: killed in between it would leave a file that its next life cannot read.
        let next = counter.with_extension("next");
        let kept = fs::write(&next, beats.to_string()).and_then(|()| fs::rename(&next, counter));
        if let Err(error) = kept {
            say(&format!("cannot keep the count in {COUNTER}: {error}"))?;
        }
        say(&format!("beat {beats}: working"))?;
        thread::sleep(BEAT);
    }
}

/// Pages are touched, so that the kernel really gives them.
fn take(kept: &mut Vec<Vec<u8>>, bytes: u64) -> io::Result<()> {
    const PIECE: usize = 1 << 20;
    while (kept.len() * PIECE) as u64 <= bytes {
        kept.push(vec![1; PIECE]);
    }
    say(&format!("{} MiB taken", kept.len()))
}

fn eat_memory(bytes: u64) -> io::Result<ExitCode> {
    let mut kept = Vec::new();
    take(&mut kept, bytes)?;
    loop {
        thread::sleep(Duration::from_hours(1));
    }
}

/// Takes the signal and drops it: only the kill after the grace ends this one.
fn ignore_term() -> io::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terms = signal(SignalKind::terminate())?;
        say("ignoring SIGTERM")?;
        loop {
            terms.recv().await;
            say("SIGTERM came, going on")?;
        }
    })
}

fn hold(bytes: u64) -> io::Result<ExitCode> {
    const MORE: u64 = 256 << 20;
    let mut kept = Vec::new();
    take(&mut kept, bytes)?;
    on_signals(|kind| {
        if kind == SignalKind::user_defined1() {
            let more = kept.len() as u64 * (1 << 20) + MORE;
            take(&mut kept, more)?;
        }
        Ok(None)
    })
}

fn crowd(count: u64) -> io::Result<ExitCode> {
    let program = env::current_exe()?;
    let one_more = || Command::new(&program).arg("sleep").spawn();
    let mut crowd = (0..count).map(|_| one_more()).collect::<io::Result<Vec<_>>>()?;
    say(&format!("{count} processes kept"))?;
    on_signals(|kind| {
        if kind == SignalKind::user_defined2() {
            return Ok(Some(ExitCode::FAILURE));
        }
        loop {
            match one_more() {
                Ok(child) => crowd.push(child),
                Err(error) => {
                    say(&format!("refused after {}: {error}", crowd.len()))?;
                    return Ok(None);
                }
            }
        }
    })
}

/// Waits for SIGUSR1 and SIGUSR2 until `then` says how it ends.
fn on_signals(mut then: impl FnMut(SignalKind) -> io::Result<Option<ExitCode>>) -> io::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut more = signal(SignalKind::user_defined1())?;
        let mut end = signal(SignalKind::user_defined2())?;
        say("ready")?;
        loop {
            let kind = tokio::select! {
                _ = more.recv() => SignalKind::user_defined1(),
                _ = end.recv() => SignalKind::user_defined2(),
            };
            if let Some(code) = then(kind)? {
                return Ok(code);
            }
        }
    })
}

fn fill(path: &Path, bytes: u64) -> io::Result<ExitCode> {
    let mut file = fs::File::create(path)?;
    match io::copy(&mut io::repeat(b'x').take(bytes), &mut file) {
        Ok(_) => say("filled")?,
        Err(error) => say(&format!("filled as far as it goes: {error}"))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn end_slowly(time: Duration) -> io::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terms = signal(SignalKind::terminate())?;
        say("working")?;
        terms.recv().await;
        say("SIGTERM came, tidying up")?;
        tokio::time::sleep(time).await;
        Ok(ExitCode::SUCCESS)
    })
}

fn print_env(names: &[&str]) -> io::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for name in names {
        match env::var(name) {
            Ok(value) => say(&format!("{name}={value}"))?,
            Err(_) => code = ExitCode::FAILURE,
        }
    }
    Ok(code)
}

fn print(bytes: u64) -> io::Result<ExitCode> {
    const LINE: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ\n";
    let piece = LINE.repeat(1024);
    let mut out = io::stdout().lock();
    let mut left = bytes;
    while left > 0 {
        let now = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        out.write_all(&piece[..now])?;
        left -= now as u64;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn wait_for_file(path: &Path, mut meanwhile: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    while !path.exists() {
        meanwhile()?;
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Each run leaves a line in `/state/begun`: whoever counts them knows how often it was run.
fn await_file(path: &Path, code: &str, meanwhile: impl FnMut() -> io::Result<()>) -> io::Result<ExitCode> {
    let mut begun = fs::File::options().create(true).append(true).open(BEGUN)?;
    writeln!(begun, "begun")?;
    say("begun")?;
    wait_for_file(path, meanwhile)?;
    say("ended")?;
    act(&["exit", code])
}

/// Hung, it prints nothing and takes no notice of anything, until it is started anew.
fn hang_on(path: &Path) -> io::Result<ExitCode> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut last: Option<Instant> = None;
    wait_for_file(path, || {
        if last.is_none_or(|last| last.elapsed() >= Duration::from_millis(200)) {
            last = Some(Instant::now());
            say("working")?;
        }
        Ok(())
    })?;
    act(&["sleep"])
}

fn lacks(path: &Path) -> io::Result<ExitCode> {
    if path.exists() {
        say(&format!("there is a {}", path.display()))?;
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn die_by(signal: u64) -> io::Result<ExitCode> {
    let signal = i32::try_from(signal).ok().and_then(Signal::from_named_raw);
    kill_process(getpid(), signal.ok_or_else(|| invalid("there is no such signal"))?)?;
    act(&["sleep"])
}

/// A line at once: what watches the container's log must not wait for a full buffer.
fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
