//! `docker inspect` once more: what a container was made of, without the values of variables that nobody may see.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use claude_hooks_actors::model::{
    AGENT_DIR, CREDENTIALS_PATH, ImageDefaults, Mount, ObservedSpec, RUNNER_PATH, RestartPolicy,
};
use claude_hooks_actors::ports::RuntimeError;
use serde::Deserialize;

use super::{RawLabels, garbled, limits};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Raw {
    image: String,
    config: RawConfig,
    host_config: RawHostConfig,
    #[serde(default)]
    mounts: Vec<RawMount>,
}

/// Of a container, and of an image.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RawConfig {
    image: String,
    cmd: Option<Vec<String>>,
    user: String,
    env: Option<Vec<String>>,
    labels: Option<RawLabels>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawHostConfig {
    #[serde(default)]
    network_mode: String,
    #[serde(default)]
    memory: i64,
    #[serde(default)]
    nano_cpus: i64,
    pids_limit: Option<i64>,
    restart_policy: Option<RawPolicy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawPolicy {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawMount {
    r#type: String,
    #[serde(default)]
    source: PathBuf,
    destination: PathBuf,
    #[serde(rename = "RW", default)]
    writable: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawImage {
    #[serde(default)]
    config: Option<RawConfig>,
}

/// An image's own settings.
pub(in super::super) struct ImageConfig {
    defaults: ImageDefaults,
    env: BTreeMap<String, String>,
}

/// What `image inspect` prints of one image.
pub(in super::super) fn image_config(stdout: &[u8]) -> Result<ImageConfig, RuntimeError> {
    let raw: Vec<RawImage> = json("image inspect", stdout)?;
    let config = raw.into_iter().next().and_then(|raw| raw.config).unwrap_or_default();
    let defaults = ImageDefaults { command: config.cmd.clone().unwrap_or_default(), user: user(&config) };
    Ok(ImageConfig { defaults, env: env(&config) })
}

/// The image that a container was made from.
pub(in super::super) fn image_of(stdout: &[u8]) -> Result<String, RuntimeError> {
    Ok(one(stdout)?.image)
}

/// What `inspect` prints of one container. Values are told of the variables of `shown` only; `image` takes away what is
/// the image's own, and without it only variables of `shown` and `token` are told at all.
pub(in super::super) fn spec(
    stdout: &[u8],
    image: Option<ImageConfig>,
    shown: &BTreeSet<String>,
    token: Option<&str>,
) -> Result<ObservedSpec, RuntimeError> {
    let raw = one(stdout)?;
    let named = |name: &str| shown.contains(name) || token == Some(name);
    let own = |(name, value): &(String, String)| {
        named(name) || image.as_ref().is_some_and(|image| image.env.get(name) != Some(value))
    };
    let told = |(name, value): (String, String)| {
        let value = Some(value).filter(|_| shown.contains(&name) && token != Some(name.as_str()));
        (name, value)
    };
    let env = env(&raw.config).into_iter().filter(own).map(told).collect();
    let at = |path: &str| raw.mounts.iter().find(|mount| mount.destination == Path::new(path));
    let ours = |mount: &&RawMount| {
        mount.r#type != "bind"
            || [AGENT_DIR, CREDENTIALS_PATH, RUNNER_PATH]
                .iter()
                .any(|path| mount.destination == Path::new(path))
    };
    let policy = raw.host_config.restart_policy.as_ref().map_or("", |policy| &policy.name);
    let restart_policy = match policy {
        "" => RestartPolicy::No,
        name => name.parse().map_err(|_| garbled("inspect", format!("the restart policy {name:?}")))?,
    };
    let host = &raw.host_config;
    Ok(ObservedSpec {
        image_id: raw.image.clone(),
        command: raw.config.cmd.clone().unwrap_or_default(),
        user: user(&raw.config),
        env,
        mounts: raw.mounts.iter().filter(|mount| !ours(mount)).map(mount).collect(),
        network: host.network_mode.clone(),
        limits: limits(host.memory, host.nano_cpus, host.pids_limit),
        restart_policy,
        credentials: at(CREDENTIALS_PATH).map(|mount| mount.source.clone()),
        runner: at(RUNNER_PATH).and_then(|mount| version(&mount.source)),
        agent_socket: at(AGENT_DIR).is_some(),
        image: raw.config.image,
        labels: raw.config.labels.unwrap_or_default().ours(),
        image_defaults: image.map(|image| image.defaults),
    })
}

fn json<'a, T: Deserialize<'a>>(verb: &'static str, stdout: &'a [u8]) -> Result<T, RuntimeError> {
    serde_json::from_slice(stdout).map_err(|error| garbled(verb, format!("its JSON: {error}")))
}

fn one(stdout: &[u8]) -> Result<Raw, RuntimeError> {
    let raw: Vec<Raw> = json("inspect", stdout)?;
    raw.into_iter().next().ok_or_else(|| garbled("inspect", "it is empty"))
}

fn mount(raw: &RawMount) -> Mount {
    Mount { source: raw.source.clone(), target: raw.destination.clone(), read_only: !raw.writable }
}

fn user(config: &RawConfig) -> Option<String> {
    Some(config.user.clone()).filter(|user| !user.is_empty())
}

fn env(config: &RawConfig) -> BTreeMap<String, String> {
    let pairs = config.env.iter().flatten();
    pairs.filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.into(), value.into())).collect()
}

/// `…/runner/v<N>/runner`, where the data directory keeps it.
fn version(source: &Path) -> Option<u32> {
    source.parent()?.file_name()?.to_str()?.strip_prefix('v')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_value_is_told_but_of_variables_that_may_be_shown() {
        let container = json!([{ "Image": "sha256:1", "Config": { "Image": "a:1", "User": "",
            "Env": ["A=1", "PATH=/bin", "HOME=/own", "OLD_TOKEN=s3cret", "TOKEN=s3cret"] }, "HostConfig": {} }]);
        let image = || {
            image_config(json!([{ "Config": { "Env": ["PATH=/bin", "HOME=/root"] } }]).to_string().as_bytes())
        };
        let told = |image| {
            let shown = ["A".to_owned(), "TOKEN".to_owned()].into();
            let spec = spec(container.to_string().as_bytes(), image, &shown, Some("TOKEN")).expect("whole");
            assert!(!format!("{spec:?}").contains("s3cret"), "{spec:?}");
            spec.env
        };
        let value = |name: &str, value: Option<&str>| (name.to_owned(), value.map(ToOwned::to_owned));
        let expected =
            [value("A", Some("1")), value("HOME", None), value("OLD_TOKEN", None), value("TOKEN", None)];
        assert_eq!(told(Some(image().expect("whole"))), expected.into());
        assert_eq!(told(None), [value("A", Some("1")), value("TOKEN", None)].into());
    }

    #[test]
    fn the_runner_is_known_by_its_place() {
        assert_eq!(version(Path::new("/data/runner/v3/runner")), Some(3));
        assert_eq!(version(Path::new("/data/runner/runner")), None);
    }
}
