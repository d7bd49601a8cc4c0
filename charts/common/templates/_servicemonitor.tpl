{{- /* Tells the Prometheus Operator to read the metrics of the service. */}}
{{- define "common.serviceMonitor" -}}
{{- include "common.serviceMonitorOf" (list . .Chart.Name "management") }}
{{- end }}

{{- /*
A ServiceMonitor of a port, with the name of the service to which its metrics belong: `common.serviceMonitorOf (list $ "cart" "metrics")`. Left
out where the cluster does not know the kind, because an installation would fail. Rules and dashboards need the labels `namespace` and `service`.
*/}}
{{- define "common.serviceMonitorOf" -}}
{{- $service := index . 1 }}
{{- $port := index . 2 }}
{{- with first . }}
{{- if and .Values.monitoring.serviceMonitor.enabled (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1") -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ include "common.name" . }}
  labels: {{- include "common.labels" . | nindent 4 }}
    {{- with .Values.monitoring.serviceMonitor.labels }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  selector: { matchLabels: { {{- include "common.selector" . -}} } }
  endpoints:
    - port: {{ $port }}
      interval: {{ .Values.monitoring.serviceMonitor.interval }}
      relabelings:
        - { targetLabel: service, replacement: {{ $service }} }
        - { sourceLabels: [__meta_kubernetes_namespace], targetLabel: namespace }
{{- end }}
{{- end }}
{{- end }}
