{{- /* All objects of a service's chart, in the order of rendering. */}}
{{- define "common.objects" -}}
{{- include "common.validate" . }}
{{ include "common.deployment" . }}
---
{{ include "common.service" . }}
---
{{ include "common.serviceAccount" . }}
---
{{ include "common.horizontalPodAutoscaler" . }}
---
{{ include "common.podDisruptionBudget" . }}
---
{{ include "common.networkPolicy" . }}
---
{{ include "common.httpRoute" . }}
---
{{ include "common.ingress" . }}
---
{{ include "common.contractConfigMap" . }}
---
{{ include "common.serviceMonitor" . }}
---
{{ include "common.test" . }}
{{- end }}
