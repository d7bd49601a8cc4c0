{{- /* Redis needs more memory than its data: for buffers, for fragmentation, and for pages that change while it rewrites its log. */}}
{{- define "store.validateMemory" -}}
{{- with dig "limits" "memory" "" .Values.resources }}
  {{- if gt (include "store.bytes" $.Values.maxMemory | float64) (include "store.bytes" . | float64 | mulf 0.75) }}
    {{- fail (printf "%s: maxMemory (%s) is more than three quarters of resources.limits.memory (%v)" $.Chart.Name $.Values.maxMemory .) }}
  {{- end }}
{{- end }}
{{- end }}

{{- /* The bytes of an amount in the notation of Redis or of Kubernetes, which may also be a number. */}}
{{- define "store.bytes" -}}
{{- if kindIs "float64" . }}{{ printf "%.0f" . }}
{{- else }}
  {{- $number := regexFind "^[0-9.]+" . }}
  {{- $units := dict "" 1 "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "kb" 0x1p10 "mb" 0x1p20 "gb" 0x1p30 "Ki" 0x1p10 "Mi" 0x1p20 "Gi" 0x1p30 "Ti" 0x1p40 "Pi" 0x1p50 }}
  {{- mulf ($number | float64) (get $units (trimPrefix $number .)) | printf "%.0f" }}
{{- end }}
{{- end }}
