//! Looks at everything; judges nothing, changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use claude_hooks_actors::model::{AgentType, PullPolicy};
use jiff::Timestamp;

use super::facts::{Daemon, DataFacts, Engine, Facts, FleetFacts, Image, ImageState, Secret};
use super::files;
use super::probe::{DEADLINE, Probe, find};
use crate::client::Client;
use crate::config::{ClientSettings, Settings, Sources, TypesSource};

pub(super) async fn gather(sources: &Sources, now: Timestamp) -> Facts {
    let settings = Settings::load(sources);
    let data = match ClientSettings::load(sources) {
        Ok(client) => Some(data(&client).await),
        Err(_) => None,
    };
    let fleet = match &settings {
        Ok(settings) => Some(fleet(settings, sources).await),
        Err(_) => None,
    };
    let config = settings.map(|settings| settings.config_file).map_err(|error| error.to_string());
    Facts { now, config, data, fleet }
}

async fn data(settings: &ClientSettings) -> DataFacts {
    let daemon = match Client::new(&settings.socket).agents().await {
        Ok(answer) => Daemon::Answers(answer.json()["items"].as_array().map_or(0, Vec::len)),
        Err(error) if error.is_absent() => Daemon::Absent,
        Err(error) => Daemon::Fails(error.to_string()),
    };
    DataFacts {
        dir: settings.data.dir().to_owned(),
        dir_state: files::dir(settings.data.dir()),
        database: files::database(&settings.data),
        lock: files::lock(&settings.data.lock()),
        socket: settings.socket.clone(),
        socket_mode: fs::symlink_metadata(&settings.socket).ok().map(|metadata| files::mode(&metadata)),
        daemon,
        free_bytes: files::free_bytes(settings.data.dir()),
    }
}

async fn fleet(settings: &Settings, sources: &Sources) -> FleetFacts {
    let types: Vec<&AgentType> = settings.fleet.catalog.types.values().collect();
    let binary = settings.docker.binary.clone();
    let binary_found = find(&binary, sources.env.get("PATH").map(String::as_str));
    let probe = Probe {
        binary: binary_found.clone().unwrap_or_else(|| binary.clone()),
        host: settings.docker.host.clone(),
        deadline: DEADLINE,
    };
    let engine = if binary_found.is_some() { probe.engine().await } else { Engine::NotAsked };
    let mut images = images(&types);
    if matches!(engine, Engine::Reached { .. }) {
        for image in &mut images {
            image.state = probe.image(&image.reference).await;
        }
    }
    let credentials = types.iter().filter_map(|t| Some((t.credentials.clone()?, t.name.to_string())));
    let with_token = types.iter().filter(|t| t.token_env.is_some());
    let tokens = with_token.map(|t| (settings.fleet.tokens_dir.join(t.name.as_ref()), t.name.to_string()));
    FleetFacts {
        types: types.iter().map(|declared| declared.name.to_string()).collect(),
        built_in_types: settings.fleet.types_source == TypesSource::BuiltIn,
        binary,
        binary_found,
        engine,
        images,
        credentials: secrets(credentials),
        tokens: secrets(tokens),
    }
}

/// Each image once, with the types that want it; one that never pulls is enough to need it here.
fn images(types: &[&AgentType]) -> Vec<Image> {
    let mut images: BTreeMap<String, Image> = BTreeMap::new();
    for declared in types {
        let Some(container) = &declared.container else { continue };
        let image = images.entry(container.image.clone()).or_insert_with(|| Image {
            reference: container.image.clone(),
            types: Vec::new(),
            pull: container.pull,
            state: ImageState::Unknown("docker was not asked".to_owned()),
        });
        image.types.push(declared.name.to_string());
        if container.pull == PullPolicy::Never {
            image.pull = PullPolicy::Never;
        }
    }
    images.into_values().collect()
}

/// Each file once, with the types that want it.
fn secrets(wanted: impl Iterator<Item = (PathBuf, String)>) -> Vec<Secret> {
    let mut by_path: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    for (path, agent_type) in wanted {
        by_path.entry(path).or_default().push(agent_type);
    }
    let look = |(path, types): (PathBuf, Vec<String>)| Secret { state: files::secret(&path), path, types };
    by_path.into_iter().map(look).collect()
}
