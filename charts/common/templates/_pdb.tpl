{{- define "common.podDisruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{- include "common.metadata" . | nindent 2 }}
spec:
  maxUnavailable: 1
  # A replica that does not start must not block the draining of a node.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector: { matchLabels: { {{- include "common.selector" . -}} } }
{{- end }}
