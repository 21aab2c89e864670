//! The fleet as a whole.

use claude_hooks_actors::handle::{ScaleReport, TypeView};
use claude_hooks_actors::model::{FleetStats, InstanceName, PlanItem, ReconcileReport, TypeName};
use claude_hooks_web::wire::{Alive, Changed, Link, List, Nothing, Reconcile, Scale, Volumes};

use super::{Answer, Client, ClientError, forcing, query};

impl Client {
    /// The types that are declared.
    pub async fn types(&self) -> Result<Answer<List<TypeView>>, ClientError> {
        self.get("types").await
    }

    /// Makes or removes agents until the type has so many.
    pub async fn scale(
        &self,
        agent_type: &TypeName,
        count: u64,
        force: bool,
    ) -> Result<Answer<ScaleReport>, ClientError> {
        self.post(&format!("types/{agent_type}/scale{}", forcing(force)), &Scale { count }).await
    }

    /// What a reconcile would do.
    pub async fn plan(&self) -> Result<Answer<List<PlanItem>>, ClientError> {
        self.get_slowly("plan").await
    }

    /// Makes all containers follow the rows; `adopt` also takes over foreign ones of the fleet's prefix.
    pub async fn reconcile(&self, adopt: bool) -> Result<Answer<ReconcileReport>, ClientError> {
        self.post("reconcile", &Reconcile { adopt, instance: None }).await
    }

    /// The same for one agent.
    pub async fn reconcile_agent(&self, name: &InstanceName) -> Result<Answer<Changed>, ClientError> {
        self.post("reconcile", &Reconcile { adopt: false, instance: Some(name.clone()) }).await
    }

    /// State volumes without an agent; `all`: every one. `sizes` takes docker a walk through all files.
    pub async fn volumes(&self, all: bool, sizes: bool) -> Result<Answer<Volumes>, ClientError> {
        let flags = [("all", all), ("sizes", sizes)].into_iter().filter(|(_, given)| *given);
        let pairs: Vec<String> = flags.map(|(name, _)| format!("{name}=1")).collect();
        self.get_slowly(&format!("volumes{}", query(&pairs))).await
    }

    /// What the agents use of the machine, once.
    pub async fn stats(&self) -> Result<Answer<FleetStats>, ClientError> {
        self.get_slowly("stats").await
    }

    /// Whether every loop of the daemon moves; one that stands still is an error.
    pub async fn alive(&self) -> Result<Answer<Alive>, ClientError> {
        self.get("/healthz").await
    }

    /// A link that signs one browser in.
    pub async fn sign_in_link(&self) -> Result<Answer<Link>, ClientError> {
        self.post("/session/links", &Nothing {}).await
    }
}
