{{- /* The name of every object: a service is named by its chart, a store by its release. */}}
{{- define "common.name" -}}
{{- if eq (include "common.component" .) "store" }}{{ .Release.Name }}{{ else }}{{ .Chart.Name }}{{ end -}}
{{- end }}

{{- /* The component of a pod, which policies select: a service, a store, a part of the platform, or the load. */}}
{{- define "common.component" -}}
{{- if has .Chart.Name (list "store-mongodb" "store-redis") }}store{{ else if has .Chart.Name (list "platform" "load") }}{{ .Chart.Name }}{{ else }}service{{ end -}}
{{- end }}

{{- /* The labels of pods. None may change with the version of the chart, because that would restart the pods. */}}
{{- define "common.podLabels" -}}
app.kubernetes.io/name: {{ include "common.name" . }}
app.kubernetes.io/part-of: bulkhead
app.kubernetes.io/component: {{ include "common.component" . }}
{{- end }}

{{- /* The labels of objects. */}}
{{- define "common.labels" -}}
{{ include "common.podLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "common.selector" -}}
app.kubernetes.io/name: {{ include "common.name" . }}
{{- end }}

{{- define "common.metadata" -}}
name: {{ include "common.name" . }}
labels: {{- include "common.labels" . | nindent 2 }}
{{- end }}

{{- /* The tag may contain a digest: 1.2.3@sha256:... */}}
{{- define "common.image" -}}
image: {{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end }}
