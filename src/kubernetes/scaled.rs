//! What an autoscaler scales: a `Deployment`, `StatefulSet`, `ReplicaSet` or anything else with a pod
//! template, as far as its requests matter.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::quantity::Quantity;

/// An object with a pod template.
#[derive(Debug, Clone, Deserialize)]
pub struct Scaled {
    spec: ScaledSpec,
}

#[derive(Debug, Clone, Deserialize)]
struct ScaledSpec {
    template: Template,
}

#[derive(Debug, Clone, Deserialize)]
struct Template {
    spec: PodSpec,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodSpec {
    containers: Vec<Container>,
    #[serde(default)]
    init_containers: Vec<Container>,
    #[serde(default)]
    resources: Resources,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    name: String,
    #[serde(default)]
    resources: Resources,
    #[serde(default)]
    restart_policy: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Resources {
    #[serde(default)]
    requests: BTreeMap<String, Quantity>,
    #[serde(default)]
    limits: BTreeMap<String, Quantity>,
}

impl Scaled {
    /// What a pod requests of a resource, in milli-units, as the autoscaler adds it up: the pod's own
    /// request, else the sum over its containers and sidecars; or one container's.
    ///
    /// # Errors
    /// What is missing, in words.
    pub fn request(&self, resource: &str, container: Option<&str>) -> Result<i64, String> {
        let pod = &self.spec.template.spec;
        if let (Some(own), None) = (pod.resources.requests.get(resource), container) {
            return Ok(own.milli());
        }
        let sidecars = pod.init_containers.iter();
        let sidecars = sidecars.filter(|c| c.restart_policy.as_deref() == Some("Always"));
        let mut sum = None;
        for one in pod.containers.iter().chain(sidecars) {
            if container.is_some_and(|name| name != one.name) {
                continue;
            }
            // A limit without a request is a request of the same.
            let resources = &one.resources;
            let stated = resources.requests.get(resource).or(resources.limits.get(resource));
            let Some(request) = stated else {
                return Err(format!("container `{}` requests no {resource}", one.name));
            };
            sum = Some(sum.unwrap_or(0) + request.milli());
        }
        sum.ok_or_else(|| format!("it has no container `{}`", container.unwrap_or_default()))
    }

    /// What a pod may use of a resource at most, in milli-units; `None` where a container is not limited.
    #[must_use]
    pub fn limit(&self, resource: &str) -> Option<i64> {
        let pod = &self.spec.template.spec;
        let own = pod.resources.limits.get(resource).map(Quantity::milli);
        own.or_else(|| {
            let limits = pod.containers.iter().map(|c| c.resources.limits.get(resource));
            limits.map(|limit| limit.map(Quantity::milli)).sum()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    const DEPLOYMENT: &str = r"apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    spec:
      initContainers:
      - {name: migrate, resources: {requests: {cpu: 4}}}
      - {name: mesh, restartPolicy: Always, resources: {requests: {cpu: 100m}}}
      containers:
      - {name: app, image: web, resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: 1}}}
      - {name: log, resources: {limits: {cpu: 50m}}}
";

    #[test]
    fn requests_add_up_as_the_autoscaler_adds_them() {
        let scaled: Scaled = yaml::read(DEPLOYMENT).unwrap()[0].decode().unwrap();
        assert_eq!(scaled.request("cpu", None), Ok(650));
        assert_eq!(scaled.request("cpu", Some("app")), Ok(500));
        assert_eq!(scaled.limit("cpu"), Some(1050));
        assert_eq!(scaled.limit("memory"), None);
        assert_eq!(
            scaled.request("memory", None).unwrap_err(),
            "container `log` requests no memory"
        );
        assert_eq!(scaled.request("cpu", Some("db")).unwrap_err(), "it has no container `db`");
    }
}
