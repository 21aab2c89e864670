//! What goes where. Pure.

use std::path::{Component, Path, PathBuf};

use crate::config::{DEFAULT_TYPES, Sources};

const SERVICE: &str = include_str!("../../../config/systemd/claude-hooks.service");
const SOCKET: &str = include_str!("../../../config/systemd/claude-hooks.socket");
const USER_SERVICE: &str = include_str!("../../../config/systemd/user/claude-hooks.service");
const SYSUSERS: &str = include_str!("../../../config/systemd/sysusers.d/claude-hooks.conf");
const TMPFILES: &str = include_str!("../../../config/systemd/tmpfiles.d/claude-hooks.conf");
const SYSTEM_CONFIG: &str = include_str!("../../../config/systemd/claude-hooks.toml");
const USER_CONFIG: &str = include_str!("../../../config/systemd/user/claude-hooks.toml");
/// Where the units in the repository say that the program is.
const PACKAGED: &str = "/usr/bin/claude-hooks";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A copy of this program.
    Program { to: PathBuf },
    /// Replaced by every install: who wants it otherwise overrides it elsewhere.
    Ours { to: PathBuf, text: String },
    /// The operator's, once it is there.
    Config { to: PathBuf, text: String },
}

/// Everything that is installed, in the order in which it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) items: Vec<Item>,
    /// Made for config; removed when empty, inner ones first.
    pub(super) config_dirs: Vec<PathBuf>,
    pub(super) data_dir: PathBuf,
    /// Ended and disabled by an uninstall.
    pub(super) units: Vec<&'static str>,
    /// For `systemd-sysusers` and `systemd-tmpfiles`.
    pub(super) sysusers: Option<PathBuf>,
    pub(super) tmpfiles: Option<PathBuf>,
    pub(super) next: String,
}

/// The directories of one user, after the XDG base directory specification.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    home: PathBuf,
    config: PathBuf,
    data: PathBuf,
    state: PathBuf,
}

impl Paths {
    pub(super) fn of_user(sources: &Sources) -> Result<Self, String> {
        let absolute =
            |name: &str| sources.env.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME").ok_or("HOME is not set, so there is no place to install to")?;
        Ok(Self {
            config: absolute("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")),
            data: absolute("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")),
            state: home.join(".local/state"),
            home,
        })
    }
}

pub(super) fn of_user(paths: &Paths) -> Layout {
    let config = paths.config.join("claude-hooks");
    let types = config.join("agents.json");
    // systemd's own word for the home, which needs no quoting whatever it is called.
    let unit = USER_SERVICE.replace(PACKAGED, "%h/.local/bin/claude-hooks");
    Layout {
        items: vec![
            Item::Program { to: paths.home.join(".local/bin/claude-hooks") },
            Item::Ours { to: paths.data.join("systemd/user/claude-hooks.service"), text: unit },
            // Also because without one a user is given the config of the system, and with it the system's data.
            Item::Config { to: config.join("claude-hooks.toml"), text: USER_CONFIG.to_owned() },
            Item::Config { to: types.clone(), text: DEFAULT_TYPES.to_owned() },
        ],
        config_dirs: vec![config],
        data_dir: paths.state.join("claude-hooks"),
        units: vec!["claude-hooks.service"],
        sysusers: None,
        tmpfiles: None,
        next: format!(
            "next: declare your types in {}, then systemctl --user enable --now claude-hooks (restart, if it runs: \
             containers do not notice)",
            types.display()
        ),
    }
}

/// `prefix` holds program and units; config and data have the places that every system has for them.
pub(super) fn of_system(prefix: &Path) -> Result<Layout, String> {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._+-".contains(&b));
    let normal = prefix.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    if !prefix.is_absolute() || !normal || !prefix.to_str().is_some_and(plain) {
        return Err(format!(
            "--prefix {}: must be an absolute path of letters, digits and /._+-, since units name it",
            prefix.display()
        ));
    }
    let program = prefix.join("bin/claude-hooks");
    let unit = |text: &str| text.replace(PACKAGED, &program.to_string_lossy());
    let lib = prefix.join("lib");
    let config = Path::new("/etc/claude-hooks");
    let ours = |to: &str, text: String| Item::Ours { to: lib.join(to), text };
    Ok(Layout {
        items: vec![
            Item::Program { to: program.clone() },
            ours("systemd/system/claude-hooks.service", unit(SERVICE)),
            ours("systemd/system/claude-hooks.socket", unit(SOCKET)),
            ours("systemd/user/claude-hooks.service", unit(USER_SERVICE)),
            ours("sysusers.d/claude-hooks.conf", SYSUSERS.to_owned()),
            ours("tmpfiles.d/claude-hooks.conf", TMPFILES.to_owned()),
            Item::Config { to: config.join("claude-hooks.toml"), text: SYSTEM_CONFIG.to_owned() },
            Item::Config { to: config.join("agents.json"), text: DEFAULT_TYPES.to_owned() },
        ],
        config_dirs: vec![config.join("tokens"), config.to_owned()],
        data_dir: PathBuf::from("/var/lib/claude-hooks"),
        units: vec!["claude-hooks.socket", "claude-hooks.service"],
        sysusers: Some(lib.join("sysusers.d/claude-hooks.conf")),
        tmpfiles: Some(lib.join("tmpfiles.d/claude-hooks.conf")),
        next: "next: declare your types in /etc/claude-hooks/agents.json, then systemctl enable --now claude-hooks \
               (restart, if it runs: containers do not notice)"
            .to_owned(),
    })
}
