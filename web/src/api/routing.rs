//! The routes as a list that can be looked at, before they are actix's.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, Route, web};

use crate::problem::{Problem, ProblemKind};

/// One path and what it answers to.
pub(crate) struct Resource {
    path: String,
    allow: &'static str,
    routes: Vec<Route>,
}

/// A resource that refuses every method but those in `allow`.
pub(crate) fn resource(path: &str, allow: &'static str) -> Resource {
    Resource { path: path.to_owned(), allow, routes: Vec::new() }
}

impl Resource {
    pub(crate) fn route(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }

    fn into_actix(self) -> actix_web::Resource {
        let allow = self.allow;
        let refuse = move |request: HttpRequest| async move {
            let detail = format!("{} has no meaning for {}", request.method(), request.path());
            Err::<&str, _>(
                Problem::new(ProblemKind::MethodNotAllowed, detail)
                    .help(format!("allowed: {allow}"))
                    .header(header::ALLOW, HeaderValue::from_static(allow)),
            )
        };
        let resource = web::resource(self.path).default_service(web::to(refuse));
        self.routes.into_iter().fold(resource, actix_web::Resource::route)
    }
}

/// Resources, whose paths begin with the same base.
#[derive(Default)]
pub(crate) struct Routes {
    base: &'static str,
    resources: Vec<Resource>,
}

impl Routes {
    pub(super) fn below(base: &'static str) -> Self {
        Self { base, resources: Vec::new() }
    }

    /// Adds a resource, or all those of others.
    pub(crate) fn service(mut self, more: impl Into<Self>) -> Self {
        let base = self.base;
        let more = more.into().resources.into_iter();
        self.resources.extend(more.map(|more| Resource { path: format!("{base}{}", more.path), ..more }));
        self
    }

    pub(crate) fn register(self, config: &mut web::ServiceConfig) {
        for resource in self.resources {
            config.service(resource.into_actix());
        }
    }

    /// Each path and the methods that it allows.
    #[cfg(test)]
    pub(super) fn allowed(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.resources.iter().map(|resource| (resource.path.as_str(), resource.allow))
    }
}

impl From<Resource> for Routes {
    fn from(resource: Resource) -> Self {
        Self { base: "", resources: vec![resource] }
    }
}
