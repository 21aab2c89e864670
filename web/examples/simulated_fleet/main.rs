//! The whole server over a simulated docker, with every kind of trouble and as much going on as asked for: to work on
//! the dashboard, to look at it, and to load it, without an engine.
//!
//! ```sh
//! cargo run -p claude-hooks-web --example simulated_fleet -- --instances 500 --events-per-second 50
//! ```

mod play;
mod world;

use std::net::TcpListener;
use std::time::Duration;

use claude_hooks_web::{ApiToken, DEFAULT_BODY_LIMIT_BYTES, WebSettings, server, stop_switch};

use world::World;

#[derive(clap::Parser, Debug)]
#[command(name = "simulated_fleet", about = "Serves a simulated fleet")]
struct Args {
    /// How many agents
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(20..=1000))]
    instances: u32,
    /// How much happens; 0 for nothing
    #[arg(long, default_value_t = 1.0)]
    events_per_second: f64,
    /// Port on loopback; 0 for any free one
    #[arg(long, default_value_t = 7118)]
    port: u16,
    /// The API's token, of at least 32 characters
    #[arg(long, default_value = "0123456789abcdef0123456789abcdef")]
    token: String,
    /// Docker cannot be reached any more so many seconds after the start
    #[arg(long, value_name = "SECONDS")]
    docker_away_after: Option<u64>,
    /// Leave out the agents in trouble
    #[arg(long)]
    healthy: bool,
}

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let args = <Args as clap::Parser>::parse();
    actix_rt::System::new().block_on(run(args))
}

async fn run(args: Args) -> Result<(), Failure> {
    let world = World::start(args.instances, !args.healthy).await?;
    let tcp = TcpListener::bind(("127.0.0.1", args.port))?;
    let address = tcp.local_addr()?;
    // Held to the end: a dropped switch would stop the server.
    let (_switch, stop) = stop_switch();
    let settings = WebSettings {
        tcp: Some(tcp),
        uds: None,
        token: ApiToken::parse(&args.token)?,
        sessions: None,
        hosts: Vec::new(),
        body_limit_bytes: DEFAULT_BODY_LIMIT_BYTES,
        stop,
    };
    let server = actix_rt::spawn(server(world.fleet.clone(), settings)?);
    println!("listening on http://{address} with the token {}", args.token);
    world.fleet.boot().await?;
    if !args.healthy {
        world.make_trouble().await?;
    }
    if args.events_per_second > 0.0 {
        actix_rt::spawn(play::play(world.clone(), args.events_per_second));
    }
    if let Some(seconds) = args.docker_away_after {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        world.docker.unreachable(true);
    }
    server.await??;
    Ok(())
}
