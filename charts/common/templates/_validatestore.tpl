{{- /* Fails early if the release's name does not say which service owns the store, because policies and addresses use that name. */}}
{{- define "common.validateStore" -}}
{{- $eventLog := eq (.Values.use | default "") "event-log" }}
{{- if not (regexMatch ($eventLog | ternary "^event-log$" "^[a-z0-9-]+-store$") .Release.Name) }}
  {{- fail (printf "%s: the release is named %s. Install it as %s" .Chart.Name .Release.Name ($eventLog | ternary "event-log" "<service>-store, or as event-log with use=event-log")) }}
{{- end }}
{{- end }}
