"""What may stand in a manifest: for each kind used here, every field with the type of its value.

A name with '?' may be absent; `[x]` is a list of x; a dict is an object; `any` is free text by free key. What is not
listed is refused, so a misspelt or misplaced field does not pass in silence, as it would in a cluster.
"""
LABELS = 'any'
METADATA = {'name': str, 'namespace?': str, 'labels?': LABELS, 'annotations?': LABELS}
SELECTOR = {'matchLabels': LABELS}
PORT = (int, str)
PROBE = {'httpGet?': {'path': str, 'port': PORT}, 'tcpSocket?': {'port': PORT}, 'exec?': {'command': [str]},
         'periodSeconds?': int, 'timeoutSeconds?': int, 'failureThreshold?': int, 'initialDelaySeconds?': int}
CONTAINER = {
    'name': str, 'image': str, 'command?': [str], 'args?': [str],
    'env?': [{'name': str, 'value?': str, 'valueFrom?': {'fieldRef': {'apiVersion?': str, 'fieldPath': str}}}],
    'ports?': [{'name': str, 'containerPort': int, 'protocol?': str}],
    'startupProbe': PROBE, 'livenessProbe': PROBE, 'readinessProbe': PROBE,
    'resources': {'requests': {'cpu': str, 'memory': str}, 'limits': {'memory': str}},
    'securityContext': {'allowPrivilegeEscalation': bool, 'readOnlyRootFilesystem': bool,
                        'capabilities': {'drop': [str]}},
    'volumeMounts?': [{'name': str, 'mountPath': str, 'readOnly?': bool}],
}
POD = {
    'serviceAccountName?': str, 'automountServiceAccountToken': bool, 'enableServiceLinks': bool,
    'terminationGracePeriodSeconds?': int,
    'securityContext': {'runAsNonRoot': bool, 'runAsUser': int, 'runAsGroup': int, 'fsGroup?': int,
                        'seccompProfile': {'type': str}},
    'topologySpreadConstraints?': [{'maxSkew': int, 'topologyKey': str, 'whenUnsatisfiable': str,
                                    'labelSelector': SELECTOR}],
    'containers': [CONTAINER],
    'volumes?': [{'name': str, 'configMap?': {'name': str},
                  'secret?': {'secretName': str, 'defaultMode?': int, 'optional?': bool}}],
}
POLICY_PEER = {'namespaceSelector?': SELECTOR, 'podSelector?': SELECTOR}
POLICY_PORT = {'protocol': str, 'port': int}

KINDS = {
    ('v1', 'ServiceAccount'): {'automountServiceAccountToken': bool},
    ('v1', 'ConfigMap'): {'data': 'any'},
    ('v1', 'Service'): {'spec': {'type': str, 'selector': LABELS,
                                 'ports': [{'name': str, 'port': int, 'targetPort': PORT}]}},
    ('apps/v1', 'Deployment'): {'spec': {
        'replicas': int, 'revisionHistoryLimit?': int, 'selector': SELECTOR,
        'strategy': {'type': str, 'rollingUpdate?': {'maxUnavailable': int, 'maxSurge': int}},
        'template': {'metadata': {'labels': LABELS, 'annotations?': LABELS}, 'spec': POD}}},
    ('policy/v1', 'PodDisruptionBudget'): {'spec': {'maxUnavailable': int, 'selector': SELECTOR}},
    ('autoscaling/v2', 'HorizontalPodAutoscaler'): {'spec': {
        'scaleTargetRef': {'apiVersion': str, 'kind': str, 'name': str}, 'minReplicas': int, 'maxReplicas': int,
        'metrics': [{'type': str,
                     'pods?': {'metric': {'name': str}, 'target': {'type': str, 'averageValue': str}},
                     'resource?': {'name': str, 'target': {'type': str, 'averageUtilization': int}}}],
        'behavior?': {'scaleDown': {'stabilizationWindowSeconds': int,
                                    'policies': [{'type': str, 'value': int, 'periodSeconds': int}]}}}},
    ('networking.k8s.io/v1', 'NetworkPolicy'): {'spec': {
        'podSelector': SELECTOR, 'policyTypes': [str],
        'ingress?': [{'from': [POLICY_PEER], 'ports': [POLICY_PORT]}],
        'egress?': [{'to': [POLICY_PEER], 'ports': [POLICY_PORT]}]}},
}


def walk(value, shape, place):
    """Yields a sentence for everything that does not fit."""
    if shape == 'any':
        shape_is_met = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
        if not shape_is_met:
            yield f'{place}: texts by name are wanted'
    elif isinstance(shape, list):
        if not isinstance(value, list) or not value:
            yield f'{place}: a list is wanted'
            return
        for number, item in enumerate(value):
            yield from walk(item, shape[0], f'{place}[{number}]')
    elif isinstance(shape, dict):
        yield from walk_object(value, shape, place)
    elif not isinstance(value, shape) or (isinstance(value, bool) and shape is not bool):
        yield f'{place}: {value!r} is of the wrong type'


def walk_object(value, shape, place):
    if not isinstance(value, dict):
        yield f'{place}: an object is wanted'
        return
    known = {name.rstrip('?'): name for name in shape}
    for name, item in value.items():
        if name in known:
            yield from walk(item, shape[known[name]], f'{place}.{name}')
        else:
            yield f'{place}.{name}: no such field'
    for name, written in known.items():
        if not written.endswith('?') and name not in value:
            yield f'{place}.{name}: missing'


def problems(manifest):
    kind = (manifest.get('apiVersion'), manifest.get('kind'))
    if kind not in KINDS:
        return [f'{kind}: no such kind here']
    place = f"{kind[1]} {manifest.get('metadata', {}).get('name')}"
    return list(walk(manifest, {'apiVersion': str, 'kind': str, 'metadata': METADATA, **KINDS[kind]}, place))
