//! Every class of desired, observed and history with every other: nothing forbidden is ever decided, and doing what is
//! decided comes to rest.

use strum::IntoEnumIterator as _;

use super::*;
use crate::model::HealthAction;

fn all_desired() -> Vec<Desired> {
    vec![
        Desired::Gone,
        Desired::Host,
        Desired::Unresolvable { reason: "no such type".into() },
        desired("dev", Power::On),
        desired("dev", Power::Off),
        desired("lazy", Power::On),
        restarted("dev", false),
        restarted("lazy", true),
    ]
}

/// Of a type that wants its unhealthy ones restarted.
fn restarted(agent_type: &str, under_lease: bool) -> Desired {
    let Desired::Container(mut container) = desired(agent_type, Power::On) else {
        panic!("it has containers")
    };
    container.health.action = HealthAction::Restart;
    container.health.under_lease = under_lease;
    Desired::Container(container)
}

fn all_observed(desired: &Desired) -> Vec<InstanceObservation> {
    let mut all = vec![InstanceObservation::default()];
    for state in ContainerState::iter() {
        for drifted in [false, true] {
            for restart_policy in [RestartPolicy::No, RestartPolicy::UnlessStopped] {
                let main = ObservedContainer { restart_policy, ..ours(desired, state, drifted) };
                let extra = vec![container(2, ContainerState::Exited, 1)];
                all.push(InstanceObservation { extra, ..seen(main.clone()) });
                all.push(seen(main));
            }
        }
        let foreign = Some(container(7, state, 1));
        all.push(InstanceObservation { foreign: foreign.clone(), ..InstanceObservation::default() });
        all.push(InstanceObservation { foreign, ..seen(ours(desired, ContainerState::Running, false)) });
    }
    all
}

fn all_histories() -> Vec<History> {
    let journal = crate::ports::RecreateJournal {
        instance: InstanceName::parse("a").expect("a valid name"),
        old: crate::testing::container_id(1),
        old_ran: true,
        old_policy: RestartPolicy::UnlessStopped,
        new: None,
        step: crate::ports::RecreateStep::Begun,
    };
    let at = now();
    let mut all = vec![History::default()];
    let mut widen = |change: &dyn Fn(&mut History)| {
        let mut changed = all.clone();
        changed.iter_mut().for_each(change);
        all.append(&mut changed);
    };
    widen(&|history| history.failed(at, 0.0));
    widen(&|history| history.crash_loop = Some(CrashLoop { next_try: at + Duration::from_mins(5) }));
    widen(&|history| history.halt = Some(Halt::StateLost { detail: "gone".into() }));
    widen(&|history| history.journal = Some(journal.clone()));
    widen(&|history| history.fresh = true);
    widen(&|history| history.first_pass = true);
    widen(&|history| history.suspended = true);
    widen(&|history| history.parked = true);
    let requests = [
        Request::Start,
        Request::Stop,
        Request::Restart,
        Request::Recreate,
        Request::Adopt,
        Request::Recover,
    ];
    let asked =
        |history: &History| requests.map(|request| History { request: Some(request), ..history.clone() });
    let with_requests: Vec<History> = all.iter().flat_map(asked).collect();
    all.extend(with_requests);
    all
}

/// Checks that fail, and all that speaks for a restart, or nothing but them.
fn all_illnesses() -> [Option<Illness>; 3] {
    let hour = Duration::from_hours(1);
    let bare = Illness { confirmed: None, silent_since: None, pause_until: None, turn: None };
    let confirmed = Some(now() + hour);
    let sure = Illness { confirmed, silent_since: Some(now() - hour), turn: Some(now() - hour), ..bare };
    [None, Some(bare), Some(sure)]
}

/// Nobody, a lease, a hold; for each also a container that has been up for much longer than its idle time.
fn all_usages() -> Vec<(Usage, Option<Instant>)> {
    let later = Some(now() + Duration::from_mins(5));
    let usages = [
        Usage::default(),
        Usage { leased: true, ..Usage::default() },
        Usage { held_until: later, ..Usage::default() },
    ];
    let up_since = [None, Some(now() - Duration::from_hours(5))];
    usages.iter().flat_map(|usage| up_since.map(|since| (*usage, since))).collect()
}

/// Whether the action would touch the container.
fn touches(action: &Action, touched: &ContainerId) -> bool {
    match action {
        Action::Start { id }
        | Action::Unpause { id }
        | Action::Clear { id }
        | Action::RenameBack { id }
        | Action::SetPolicy { id, .. }
        | Action::Calm { id }
        | Action::Recreate { old: id, .. } => id == touched,
        Action::None
        | Action::LookAgain
        | Action::Create { .. }
        | Action::Stop { .. }
        | Action::Restart { .. }
        | Action::Remove
        | Action::RemoveExtra
        | Action::Replay
        | Action::RememberVolume
        | Action::AcceptLoss => false,
    }
}

/// The rule that the decision breaks, if any.
fn forbidden(
    desired: &Desired,
    observed: &InstanceObservation,
    history: &History,
    Decision { action, rule, .. }: &Decision,
) -> Option<&'static str> {
    let acts = !matches!(action, Action::None | Action::LookAgain);
    let container = match desired {
        Desired::Container(container) => Some(container),
        Desired::Gone | Desired::Host | Desired::Unresolvable { .. } => None,
    };
    let held = container.is_some_and(|container| container.power == Power::Off);
    let starts = matches!(
        action,
        Action::Start { .. }
            | Action::Unpause { .. }
            | Action::Restart { .. }
            | Action::Create { start: true }
            | Action::Recreate { start: true, .. }
    );
    let cuts = matches!(
        action,
        Action::Stop { .. }
            | Action::Remove
            | Action::Recreate { .. }
            | Action::Restart { .. }
            | Action::RemoveExtra
    );
    let runs =
        observed.main.iter().chain(&observed.extra).chain(&observed.foreign).any(ObservedContainer::is_up);
    // What is waited for must not keep its holder waiting.
    let thaws = history.usage.leased && matches!(action, Action::Unpause { .. });
    let main_runs = observed
        .main
        .as_ref()
        .is_some_and(|main| matches!(main.state, ContainerState::Running | ContainerState::Paused));
    let cuts_main = cuts && *action != Action::RemoveExtra || matches!(action, Action::Clear { .. });
    let sleeps = matches!(action, Action::Stop { reason: StopReason::Idle });
    let foreign = observed.foreign.as_ref().is_some_and(|foreign| touches(action, &foreign.id));
    let health = container.map(|container| &container.health);
    let restarts = health.is_some_and(|health| health.action == HealthAction::Restart);
    let permitted =
        *rule == Rule::Unhealthy && !history.usage.working && health.is_some_and(|health| health.under_lease);
    let creates = matches!(action, Action::Create { .. });
    let by_hand = matches!(
        history.request,
        Some(Request::Start | Request::Restart | Request::Recreate | Request::Adopt)
    );
    // What takes the place of one that ran runs, and what is paused is not down.
    let was_up = matches!(action, Action::Recreate { .. } | Action::Unpause { .. }) && runs;
    let revives = history.parked && starts && !was_up;
    let rules = [
        (history.suspended && acts, "acted while the database is suspect"),
        (matches!(desired, Desired::Unresolvable { .. }) && acts, "acted for a row that cannot be resolved"),
        (foreign && *rule != Rule::AdoptRequested, "touched a foreign container"),
        (*rule == Rule::AdoptRequested && history.request != Some(Request::Adopt), "adopted unasked"),
        (creates && !observed.is_absent(), "created over something"),
        (creates && container.is_none(), "created for no row"),
        (creates && history.halt.is_some() && !history.fresh, "created on a lost state, unasked"),
        (matches!(action, Action::Remove) && container.is_some(), "removed although wanted"),
        (held && starts && !thaws, "started although held down"),
        (revives && !by_hand, "started although parked"),
        (
            history.parked && *rule == Rule::Drift && main_runs && !by_hand,
            "replaced what runs although parked",
        ),
        (history.first_pass && history.looks < 2 && runs && cuts, "cut after one look"),
        (history.usage.leased && main_runs && cuts_main && !permitted, "cut what somebody works with"),
        (
            *rule == Rule::Unhealthy && !restarts,
            "restarted for its health although its type does not ask for it",
        ),
        (sleeps && history.usage.wakes(now()), "fell asleep although it is needed"),
        (acts && !history.fresh && history.retry_at(now()).is_some(), "did not wait for the next try"),
    ];
    rules.into_iter().find_map(|(broken, name)| broken.then_some(name))
}

#[test]
fn nothing_forbidden_is_ever_decided() {
    let at = now();
    let mut histories = all_histories();
    let illnesses = all_illnesses();
    let all = all_usages().into_iter().flat_map(|usage| illnesses.map(|illness| (usage, illness)));
    for ((usage, up_since), illness) in all {
        for history in &mut histories {
            (history.usage, history.up_since, history.illness) = (usage, up_since, illness);
        }
        for desired in all_desired() {
            let at_rest = |history| decide(&desired, None, history, at).action == Action::None;
            assert!(histories.iter().all(at_rest));
            for observed in all_observed(&desired) {
                for history in &histories {
                    let decision = decide(&desired, Some(&observed), history, at);
                    let broken = forbidden(&desired, &observed, history, &decision);
                    assert_eq!(broken, None, "{decision:?} for {desired:?}\n{observed:?}\n{history:?}");
                }
            }
        }
    }
}

/// What docker shows after the action worked.
fn applied(action: &Action, mut observed: InstanceObservation, desired: &Desired) -> InstanceObservation {
    let mut set = |state: Option<ContainerState>, policy: Option<RestartPolicy>| {
        if let Some(main) = &mut observed.main {
            main.state = state.unwrap_or(main.state);
            main.restart_policy = policy.unwrap_or(main.restart_policy);
        }
    };
    match action {
        Action::None
        | Action::LookAgain
        | Action::Replay
        | Action::AcceptLoss
        | Action::RememberVolume
        | Action::RenameBack { .. } => {}
        Action::Create { start } | Action::Recreate { start, .. } => {
            let state = if *start { ContainerState::Running } else { ContainerState::Created };
            return seen(ours(desired, state, false));
        }
        Action::Start { .. } | Action::Unpause { .. } | Action::Restart { .. } => {
            set(Some(ContainerState::Running), None);
        }
        Action::Stop { .. } => set(Some(ContainerState::Exited), None),
        Action::SetPolicy { policy, .. } => set(None, Some(*policy)),
        Action::Calm { .. } => set(Some(ContainerState::Exited), Some(RestartPolicy::No)),
        Action::Clear { .. } => observed.main = None,
        Action::Remove => (observed.main, observed.extra) = (None, Vec::new()),
        Action::RemoveExtra => observed.extra.clear(),
    }
    observed
}

#[test]
fn doing_what_is_decided_comes_to_rest() {
    let at = now();
    let requests = [None, Some(Request::Start), Some(Request::Stop), Some(Request::Recreate)];
    let requests = requests.into_iter().flat_map(|request| [(request, false), (request, true)]);
    for desired in all_desired() {
        for observed in all_observed(&desired) {
            for (request, parked) in requests.clone() {
                for (usage, up_since) in all_usages() {
                    let mut observed = observed.clone();
                    let fresh = History { request, parked, fresh: true, ..History::default() };
                    let mut history = History { up_since, usage, ..fresh };
                    let mut steps = Vec::new();
                    loop {
                        let action = decide(&desired, Some(&observed), &history, at).action;
                        if action == Action::None {
                            break;
                        }
                        steps.push(action.name());
                        assert!(steps.len() <= 6, "never at rest: {steps:?} for {desired:?} {observed:?}");
                        history.request.take_if(|request| action.fulfils(*request));
                        let started = action.fulfils(Request::Start);
                        history.up_since = history.up_since.filter(|_| !started);
                        observed = applied(&action, observed, &desired);
                    }
                }
            }
        }
    }
}
