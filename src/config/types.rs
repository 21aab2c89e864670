//! `agents.json`: from raw types to the catalog.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use claude_hooks_actors::model::{
    AgentType, CatalogError, ContainerTemplate, HealthAction, HealthPolicy, Lifecycle, Limits, Mount,
    TypeName, check_command, check_env, check_image, check_limits, check_network, parse_cpus, parse_memory,
};

use super::inputs::{Inputs, is_absent, read};
use super::json::{Document, Step};
use super::raw::{RawContainer, RawHealth, RawLimits, RawMount, RawType, RawTypes};
use super::settings::base;
use super::{ConfigError, DEFAULT_TYPES, Origin, Sources, TypesSource, paths};

/// A lazy instance stays up this long without work unless its type says otherwise.
const IDLE_TIMEOUT_S: u64 = 1800;
/// A year: longer is a slip of the pen.
const IDLE_TIMEOUT_MAX_S: u64 = 31_536_000;

type Types = BTreeMap<TypeName, AgentType>;

pub(super) fn load(inputs: &Inputs, sources: &Sources) -> Result<(TypesSource, Types), ConfigError> {
    let help = "declare the types there, or name another file in [fleet] types";
    let nothing_said = inputs.file.is_none() && inputs.types.origin == Origin::Default;
    if nothing_said {
        for dir in paths::config_dirs(sources) {
            let path = dir.join(&inputs.types.value);
            match read(&path, help) {
                Ok(text) => return Ok((TypesSource::File(path.clone()), parse(&text, &path, sources)?)),
                Err(ConfigError::Unreadable { source, .. }) if is_absent(&source) => {}
                Err(error) => return Err(error),
            }
        }
        let types = parse(DEFAULT_TYPES, Path::new("built-in agents.json"), sources)?;
        return Ok((TypesSource::BuiltIn, types));
    }
    let dir = base(&inputs.types.origin, inputs, sources);
    let path = paths::expand(&inputs.types.value, &dir, sources).map_err(|reason| ConfigError::BadValue {
        at: inputs.types.origin.clone(),
        key: "fleet.types".to_owned(),
        reason,
    })?;
    let text = read(&path, help)?;
    let types = parse(&text, &path, sources)?;
    Ok((TypesSource::File(path), types))
}

pub(super) fn parse(text: &str, path: &Path, sources: &Sources) -> Result<Types, ConfigError> {
    let document = Document::new(text, path);
    let raw: RawTypes = document.parse()?;
    let mut types = Types::new();
    for (name, raw) in raw.types {
        let checker = Checker { document: &document, sources, steps: vec![key("types"), key(&name)] };
        let declared = checker.agent_type(&name, raw)?;
        types.insert(declared.name.clone(), declared);
    }
    Ok(types)
}

fn key(name: &str) -> Step {
    Step::Key(name.to_owned())
}

/// Checks one type; knows where in the document it stands.
#[derive(Debug)]
struct Checker<'a> {
    document: &'a Document<'a>,
    sources: &'a Sources,
    /// The way to the type.
    steps: Vec<Step>,
}

impl Checker<'_> {
    fn bad(&self, inner: &[Step], reason: impl Into<String>) -> ConfigError {
        self.document.bad(&[&self.steps, inner].concat(), reason)
    }

    fn agent_type(&self, name: &str, raw: RawType) -> Result<AgentType, ConfigError> {
        let not_a_name = |error| self.bad(&[], format!("is not the name of a type: {error}"));
        let name = TypeName::parse(name).map_err(not_a_name)?;
        name.default_instance()
            .map_err(|error| self.bad(&[], format!("cannot have an instance \"{name}-default\": {error}")))?;
        let idle_timeout_s = raw.idle_timeout_s.unwrap_or(IDLE_TIMEOUT_S);
        if !(1..=IDLE_TIMEOUT_MAX_S).contains(&idle_timeout_s) {
            let reason = format!("must lie between 1 and {IDLE_TIMEOUT_MAX_S} seconds");
            return Err(self.bad(&[key("idle_timeout_s")], reason));
        }
        let state_limit = self.size(raw.state_limit.as_ref(), &[key("state_limit")])?;
        if state_limit == Some(0) {
            return Err(self.bad(&[key("state_limit")], "must be above 0"));
        }
        let credentials = raw.credentials.as_deref().map(|text| self.credentials(text)).transpose()?;
        let env = &raw.container.env;
        if let Some(variable) = &raw.token_env {
            check_env(&BTreeMap::from([(variable.clone(), String::new())]))
                .map_err(|error| self.bad(&[key("token_env")], reason(error)))?;
            if env.contains_key(variable) {
                return Err(self.bad(&[key("token_env")], format!("{variable} is also set in container.env")));
            }
        }
        if let Some(account) = &raw.account {
            TypeName::parse(account)
                .map_err(|error| self.bad(&[key("account")], format!("is refused: {error}")))?;
        }
        Ok(AgentType {
            name,
            lifecycle: raw.lifecycle.unwrap_or(Lifecycle::Hot),
            idle_timeout: Duration::from_secs(idle_timeout_s),
            health: raw.health.map(|raw| self.health(raw)).transpose()?.unwrap_or_default(),
            state_limit,
            container: self.container(raw.container)?,
            credentials,
            token_env: raw.token_env,
            account: raw.account,
        })
    }

    /// A section that says nothing of an action asks for one; without a section nothing is done.
    fn health(&self, raw: RawHealth) -> Result<HealthPolicy, ConfigError> {
        let at = |name: &str| [key("health"), key(name)];
        let usual = HealthPolicy::default();
        let seconds = |name: &str, given: Option<u64>, usual: Duration, min: u64, max: u64| match given {
            Some(given) if !(min..=max).contains(&given) => {
                Err(self.bad(&at(name), format!("must lie between {min} and {max} seconds, not {given}")))
            }
            Some(given) => Ok(Duration::from_secs(given)),
            None => Ok(usual),
        };
        let probe = raw.probe.unwrap_or_default();
        check_command(&probe).map_err(|error| self.bad(&at("probe"), reason(error)))?;
        if probe.first().is_some_and(String::is_empty) {
            return Err(self.bad(&at("probe"), "names no program: its first word is empty"));
        }
        let threshold = raw.threshold.unwrap_or(usual.threshold);
        if !(1..=1000).contains(&threshold) {
            return Err(self.bad(&at("threshold"), format!("must lie between 1 and 1000, not {threshold}")));
        }
        Ok(HealthPolicy {
            probe,
            interval: seconds("interval_s", raw.interval_s, usual.interval, 1, 86_400)?,
            timeout: seconds("timeout_s", raw.timeout_s, usual.timeout, 1, 3600)?,
            threshold,
            startup: seconds("startup_s", raw.startup_s, usual.startup, 0, 86_400)?,
            quiet: seconds("quiet_s", raw.quiet_s, usual.quiet, 0, 86_400)?,
            action: raw.action.unwrap_or(HealthAction::Restart),
            under_lease: raw.under_lease.unwrap_or(usual.under_lease),
        })
    }

    /// The credentials are a mount like another, so they are held to the same rules.
    fn credentials(&self, text: &str) -> Result<PathBuf, ConfigError> {
        let steps = [key("credentials")];
        let source = self.host_path(text, &steps)?;
        let as_mount = Mount { source: source.clone(), target: "/credentials".into(), read_only: true };
        as_mount.check().map_err(|error| self.bad(&steps, format!("is refused: {error}")))?;
        Ok(source)
    }

    fn host_path(&self, text: &str, steps: &[Step]) -> Result<PathBuf, ConfigError> {
        // With an empty base a relative path stays one, and is refused by the checks of a mount.
        paths::expand(text, Path::new(""), self.sources).map_err(|reason| self.bad(steps, reason))
    }

    fn container(&self, raw: RawContainer) -> Result<Option<ContainerTemplate>, ConfigError> {
        let refused = |error: CatalogError| {
            let steps = [vec![key("container")], field(&error)].concat();
            self.bad(&steps, reason(error))
        };
        let limits = self.limits(&raw.limits)?;
        check_limits(&limits).map_err(refused)?;
        check_env(&raw.env).map_err(refused)?;
        check_command(&raw.command).map_err(refused)?;
        let network = raw.network.unwrap_or_else(|| "bridge".to_owned());
        check_network(&network).map_err(refused)?;
        if let Some(image) = &raw.image {
            check_image(image).map_err(refused)?;
        }
        if let Some(user) = &raw.user {
            self.user(user)?;
        }
        let mounts = raw.mounts.iter().enumerate();
        let mounts = mounts.map(|(index, raw)| self.mount(index, raw)).collect::<Result<Vec<_>, _>>()?;
        if !raw.enabled.unwrap_or(true) {
            return Ok(None);
        }
        let Some(image) = raw.image else {
            let missing = "is missing: name an image, or set container.enabled to false for host mode";
            return Err(self.bad(&[key("container"), key("image")], missing));
        };
        Ok(Some(ContainerTemplate {
            image,
            command: raw.command,
            user: raw.user,
            env: raw.env,
            mounts,
            network,
            limits,
            pull: raw.pull.unwrap_or_default(),
            agent_socket: raw.agent_socket,
        }))
    }

    fn user(&self, user: &str) -> Result<(), ConfigError> {
        let part = |part: &str| {
            let first = part.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
            first
                && part.len() <= 64
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        };
        let parts: Vec<&str> = user.split(':').collect();
        if parts.len() <= 2 && parts.iter().all(|text| part(text)) {
            return Ok(());
        }
        let reason = format!("must be \"user\", \"uid\" or \"uid:gid\", not {user:?}");
        Err(self.bad(&[key("container"), key("user")], reason))
    }

    fn mount(&self, index: usize, raw: &RawMount) -> Result<Mount, ConfigError> {
        let steps = [key("container"), key("mounts"), Step::Index(index)];
        let mount = Mount {
            source: self.host_path(&raw.source, &steps)?,
            target: PathBuf::from(&raw.target),
            read_only: raw.read_only,
        };
        mount.check().map_err(|error| self.bad(&steps, format!("is refused: {error}")))?;
        Ok(mount)
    }

    fn limits(&self, raw: &RawLimits) -> Result<Limits, ConfigError> {
        let at = |name: &str| [key("container"), key("limits"), key(name)];
        let memory_bytes = self.size(raw.memory.as_ref(), &at("memory"))?;
        let milli_cpus = raw.cpus.map(|given| {
            parse_cpus(given).map_err(|error| self.bad(&at("cpus"), format!("is refused: {error}")))
        });
        Ok(Limits { memory_bytes, milli_cpus: milli_cpus.transpose()?, pids: raw.pids })
    }

    fn size(&self, given: Option<&serde_json::Value>, at: &[Step]) -> Result<Option<u64>, ConfigError> {
        let Some(given) = given.filter(|given| !given.is_null()) else { return Ok(None) };
        let text = given.as_str().map_or_else(|| given.to_string(), ToOwned::to_owned);
        parse_memory(&text).map(Some).map_err(|error| self.bad(at, format!("is refused: {error}")))
    }
}

/// The part of a catalog error that stands behind the key.
fn reason(error: CatalogError) -> String {
    match error {
        CatalogError::BadValue { reason, .. } => format!("is refused: {reason}"),
        other @ (CatalogError::UnknownType { .. } | CatalogError::Mount(_) | CatalogError::HostMode(..)) => {
            format!("is refused: {other}")
        }
    }
}

/// The way below `container` to the field that a catalog error names, such as `env.KEY` or `command[1]`.
fn field(error: &CatalogError) -> Vec<Step> {
    let CatalogError::BadValue { field, .. } = error else { return Vec::new() };
    if let Some((outer, inner)) = field.split_once('.') {
        return vec![key(outer), key(inner)];
    }
    let index =
        field.split_once('[').and_then(|(name, rest)| Some((name, rest.strip_suffix(']')?.parse().ok()?)));
    match index {
        Some((name, index)) => vec![key(name), Step::Index(index)],
        None => vec![key(field)],
    }
}
