//! What a request may say about an agent beside its name and type: a JSON merge patch (RFC 7396) on its overrides.
//!
//! Pure. Absent leaves an override, null takes it away, so that the type's value holds again; `env` and `limits` are
//! patched member by member, lists are replaced whole. Whether the values make sense is the catalog's to say.

use claude_hooks_actors::model::{Lifecycle, Limits, Mount, Overrides, SizeError, parse_cpus, parse_memory};

use crate::extract::{Fields, Node};
use crate::nearest::nearest;
use crate::problem::Problem;

/// `base` as `fields` changes it. Takes its own members; what else may be there is the caller's to say.
pub(crate) fn patch(fields: &mut Fields, base: Overrides) -> Result<Overrides, Problem> {
    let mut result = base;
    patch_with(fields, "lifecycle", &mut result.lifecycle, |node| lifecycle(&node))?;
    patch_with(fields, "image", &mut result.image, |node| Ok(node.text()?.to_owned()))?;
    patch_with(fields, "command", &mut result.command, |node| {
        node.list()?.iter().map(|argument| Ok(argument.text()?.to_owned())).collect()
    })?;
    if let Some(node) = fields.take("env") {
        patch_env(node, &mut result)?;
    }
    if let Some(node) = fields.take("mounts") {
        result.mounts = match node.unless_null() {
            Some(node) => node.list()?.into_iter().map(mount).collect::<Result<_, _>>()?,
            None => Vec::new(),
        };
    }
    patch_with(fields, "network", &mut result.network, |node| Ok(node.text()?.to_owned()))?;
    if let Some(node) = fields.take("limits") {
        patch_limits(node, &mut result)?;
    }
    Ok(result)
}

/// One optional member: absent leaves, null clears, anything else is read.
fn patch_with<T>(
    fields: &mut Fields,
    member: &'static str,
    place: &mut Option<T>,
    read: impl FnOnce(Node) -> Result<T, Problem>,
) -> Result<(), Problem> {
    if let Some(node) = fields.take(member) {
        *place = node.unless_null().map(read).transpose()?;
    }
    Ok(())
}

fn lifecycle(node: &Node) -> Result<Lifecycle, Problem> {
    let text = node.text()?;
    text.parse().map_err(|_| {
        let problem = node.refuse(format!("must be \"hot\" or \"lazy\", not {text:?}"));
        match nearest(text, ["hot", "lazy"]) {
            Some(nearest) => problem.help(format!("did you mean {nearest:?}?")).with("nearest", nearest),
            None => problem,
        }
    })
}

fn patch_env(node: Node, result: &mut Overrides) -> Result<(), Problem> {
    let Some(node) = node.unless_null() else {
        result.env.clear();
        return Ok(());
    };
    for (key, value) in node.object()?.entries() {
        match value.unless_null() {
            Some(value) => result.env.insert(key, value.text()?.to_owned()),
            None => result.env.remove(&key),
        };
    }
    Ok(())
}

fn mount(node: Node) -> Result<Mount, Problem> {
    let mut fields = node.object()?;
    let source = fields.require("source")?.text()?.into();
    let target = fields.require("target")?.text()?.into();
    let read_only = fields.take("read_only").map_or(Ok(false), |node| node.flag())?;
    fields.finish()?;
    Ok(Mount { source, target, read_only })
}

fn patch_limits(node: Node, result: &mut Overrides) -> Result<(), Problem> {
    let Some(node) = node.unless_null() else {
        result.limits = Limits::default();
        return Ok(());
    };
    let mut fields = node.object()?;
    let limits = &mut result.limits;
    patch_with(&mut fields, "memory", &mut limits.memory_bytes, |node| {
        if node.is_number() { node.count() } else { parse_memory(node.text()?).map_err(size(&node)) }
    })?;
    patch_with(&mut fields, "cpus", &mut limits.milli_cpus, |node| {
        parse_cpus(node.number()?).map_err(size(&node))
    })?;
    patch_with(&mut fields, "pids", &mut limits.pids, |node| {
        u32::try_from(node.count()?).map_err(|_| node.refuse("is more than the kernel can count"))
    })?;
    fields.finish()
}

fn size(node: &Node) -> impl FnOnce(SizeError) -> Problem {
    move |error| node.refuse(format!("is not usable: {error}"))
}

#[cfg(test)]
mod tests;
