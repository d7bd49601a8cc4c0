{{- /* Fails early where the name of the release does not say whose store it is: policies and addresses come from it. */}}
{{- define "common.validateStore" -}}
{{- $eventLog := eq (.Values.use | default "") "event-log" }}
{{- if not (regexMatch ($eventLog | ternary "^event-log$" "^[a-z0-9-]+-store$") .Release.Name) }}
  {{- fail (printf "%s: the release is named %s. Install it as %s" .Chart.Name .Release.Name ($eventLog | ternary "event-log" "<service>-store, or as event-log with use=event-log")) }}
{{- end }}
{{- end }}
