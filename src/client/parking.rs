//! Who gets no work for a time, and who waits for a person.

use claude_hooks_actors::model::{AgentView, InstanceName};
use claude_hooks_web::wire::{NeedHuman, Nothing, Park, ParkedAgent};
use reqwest::Method;

use super::{Answer, Client, ClientError};

impl Client {
    /// Gives it no work, and does not start it, until the end or until it is reopened.
    pub async fn park(&self, name: &InstanceName, park: &Park) -> Result<Answer<ParkedAgent>, ClientError> {
        self.post(&format!("agents/{name}/park"), park).await
    }

    /// Lets it work again.
    pub async fn reopen(&self, name: &InstanceName) -> Result<Answer<AgentView>, ClientError> {
        self.take_back(&format!("agents/{name}/park")).await
    }

    /// Says that it cannot go on without a person.
    pub async fn need_human(
        &self,
        name: &InstanceName,
        reason: &str,
    ) -> Result<Answer<AgentView>, ClientError> {
        self.post(&format!("agents/{name}/need-human"), &NeedHuman { reason: reason.to_owned() }).await
    }

    /// Says that a person has seen to it.
    pub async fn human_came(&self, name: &InstanceName) -> Result<Answer<AgentView>, ClientError> {
        self.take_back(&format!("agents/{name}/need-human")).await
    }

    async fn take_back(&self, path: &str) -> Result<Answer<AgentView>, ClientError> {
        self.answer(self.change(Method::DELETE, path, &Nothing {})?).await
    }
}
