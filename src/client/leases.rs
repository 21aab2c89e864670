//! Leases: who works with which agent.

use claude_hooks_actors::model::{LeaseId, LeaseView};
use claude_hooks_web::wire::{Claim, List, Nothing};
use reqwest::{Method, RequestBuilder};

use super::{Answer, Client, ClientError, READ_PATIENCE};

/// Every later call on a lease carries its fence in this header.
const LEASE_FENCE: &str = "Lease-Fence";

impl Client {
    /// The leases that stand.
    pub async fn leases(&self) -> Result<Answer<List<LeaseView>>, ClientError> {
        self.get("leases").await
    }

    /// Answers when the agent runs, unless the claim says otherwise. Whoever drops the future holds nothing.
    pub async fn claim(&self, claim: &Claim) -> Result<Answer<LeaseView>, ClientError> {
        self.post("leases", claim).await
    }

    /// For as long as it was granted for.
    pub async fn renew(&self, id: LeaseId, fence: u64) -> Result<Answer<LeaseView>, ClientError> {
        self.answer(self.on_lease(Method::PUT, id, fence)?).await
    }

    /// Gives the agent back.
    pub async fn release(&self, id: LeaseId, fence: u64) -> Result<(), ClientError> {
        self.send(self.on_lease(Method::DELETE, id, fence)?).await.map(drop)
    }

    fn on_lease(&self, method: Method, id: LeaseId, fence: u64) -> Result<RequestBuilder, ClientError> {
        let request = self.change(method, &format!("leases/{id}"), &Nothing {})?;
        Ok(request.timeout(READ_PATIENCE).header(LEASE_FENCE, fence))
    }
}
