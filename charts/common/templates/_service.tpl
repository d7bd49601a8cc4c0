{{- define "common.service" -}}
apiVersion: v1
kind: Service
metadata: {{- include "common.metadata" . | nindent 2 }}
spec:
  selector: {{- include "common.selector" . | nindent 4 }}
  ports:
    - { name: http, port: 8080, targetPort: http, appProtocol: http }
    - { name: management, port: 9090, targetPort: management, appProtocol: http }
{{- end }}
