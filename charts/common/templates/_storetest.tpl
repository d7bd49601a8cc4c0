{{- /* `helm test` of a store, with its own image. The chart defines `store.testEnv`. The value `test` is a shell command. */}}
{{- define "common.storeTest" -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  labels:
    app.kubernetes.io/name: {{ .Release.Name }}-test
    app.kubernetes.io/part-of: bulkhead
    app.kubernetes.io/component: test
  annotations: { helm.sh/hook: test, helm.sh/hook-delete-policy: before-hook-creation }
spec:
  restartPolicy: Never
  activeDeadlineSeconds: 60
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext: {{- include "common.podSecurity" (int .Values.runAsUser) | nindent 4 }}
  {{- with include "common.scheduling" .Values }}{{ nindent 2 . }}{{ end }}
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: test
      {{- include "common.image" . | nindent 6 }}
      command: [sh, -ec, {{ .Values.test | quote }}]
      env:
        - { name: STORE_HOST, value: {{ .Release.Name }} }
        {{- include "store.testEnv" . | nindent 8 }}
      volumeMounts: [{ name: tmp, mountPath: /tmp }]
      resources: { requests: { cpu: 10m, memory: 48Mi }, limits: { memory: 256Mi } }
      securityContext: {{- include "common.containerSecurity" . | nindent 8 }}
  volumes: [{ name: tmp, emptyDir: {} }]
{{- end }}
