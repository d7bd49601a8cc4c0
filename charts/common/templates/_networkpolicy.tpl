{{- /*
In: the callers in the contract. Out: the targets, the store, the event log, the keys of people, the
receiver of traces, DNS. Everything else is refused. A rule
without peers would allow everyone, so no such rule is rendered.
*/}}
{{- define "common.networkPolicy" -}}
{{- $store := (include "common.manifest" . | fromJson).store }}
{{- $callers := concat (include "common.peers" (include "common.callers" . | fromJsonArray) | fromJsonArray) .Values.networkPolicy.callers }}
{{- $targets := append (include "common.targets" . | fromJsonArray) .Values.issuers.peopleService | uniq | sortAlpha }}
{{- $targets = eq .Chart.Name "gateway" | ternary (list "*") $targets -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{- include "common.metadata" . | nindent 2 }}
spec:
  podSelector: { matchLabels: { {{- include "common.selector" . -}} } }
  policyTypes: [Ingress, Egress]
  ingress:
    {{- with $callers }}
    - from: {{- toYaml . | nindent 8 }}
      ports: [{ port: 8080 }]
    {{- end }}
    {{- with .Values.networkPolicy.metrics }}
    - from: {{- toYaml . | nindent 8 }}
      ports: [{ port: 9090 }]
    {{- end }}
    - from: {{ include "common.peers" (list (printf "%s-test" .Chart.Name)) }}
      ports: [{ port: 8080 }, { port: 9090 }]
  egress:
    {{- include "common.dns" . | nindent 4 }}
    - to: {{- include "common.peers" $targets | fromJsonArray | toYaml | nindent 8 }}
      ports: [{ port: 8080 }]
    {{- if ne $store "none" }}
    - to: {{ include "common.peers" (list (printf "%s-store" .Chart.Name)) }}
      ports: [{ port: {{ get (dict "mongodb" 27017 "redis" 6379) $store }} }]
    {{- end }}
    {{- if include "common.usesEventLog" . }}
    - to: {{ include "common.peers" (list "event-log") }}
      ports: [{ port: 6379 }]
    {{- end }}
    {{- if and .Values.tracing.endpoint .Values.networkPolicy.collectors }}
    - to: {{- toYaml .Values.networkPolicy.collectors | nindent 8 }}
      ports: [{ port: {{ include "common.tracingPort" . }} }]
    {{- end }}
    {{- with .Values.networkPolicy.egress }}{{ toYaml . | nindent 4 }}{{ end }}
{{- end }}

{{- /* Peers of a policy, from the names of services: a JSON array; `*` is every service. */}}
{{- define "common.peers" -}}
{{- $peers := list }}
{{- range . }}
  {{- $labels := dict "app.kubernetes.io/name" . }}
  {{- if eq . "*" }}{{ $labels = dict "app.kubernetes.io/part-of" "bulkhead" "app.kubernetes.io/component" "service" }}{{ end }}
  {{- $peers = append $peers (dict "podSelector" (dict "matchLabels" $labels)) }}
{{- end }}
{{- toJson $peers }}
{{- end }}

{{- /* The port of the receiver of traces: that of the endpoint, or the usual one of its scheme. */}}
{{- define "common.tracingPort" -}}
{{- $endpoint := urlParse .Values.tracing.endpoint -}}
{{- $usual := eq $endpoint.scheme "https" | ternary "443" "80" -}}
{{- regexFind ":[0-9]+$" $endpoint.host | trimPrefix ":" | default $usual -}}
{{- end }}

{{- define "common.dns" -}}
- to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }, podSelector: { matchLabels: { k8s-app: kube-dns } } }]
  ports: {{ include "common.dnsPorts" . }}
{{- end }}

{{- define "common.dnsPorts" -}}
[{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
{{- end }}
