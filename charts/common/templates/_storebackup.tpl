{{- /* The backup of a store of records: a CronJob, and the policy of its pods. `bulkhead restore --namespace` makes its Job from the CronJob. */}}
{{- define "common.storeBackup" -}}
{{- if .Values.backup.enabled }}
{{- if ne (.Values.use | default "records") "records" }}
  {{- fail (printf "%s: backup.enabled needs a store of records, not use=%s" .Chart.Name .Values.use) }}
{{- end }}
{{- $service := .Release.Name | trimSuffix "-store" }}
{{- $secret := required (printf "%s: backup.enabled needs backup.existingSecret" .Chart.Name) .Values.backup.existingSecret }}
---
apiVersion: batch/v1
kind: CronJob
metadata: {{- include "common.backupMetadata" . | nindent 2 }}
spec:
  schedule: {{ .Values.backup.schedule | quote }}
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 3600
  successfulJobsHistoryLimit: 1
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      # A second try only for a store or a repository that was away. A damaged repository does not heal.
      backoffLimit: 1
      activeDeadlineSeconds: {{ .Values.backup.deadlineSeconds }}
      template:
        metadata:
          labels: {{- include "common.backupLabels" . | nindent 12 }}
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          enableServiceLinks: false
          terminationGracePeriodSeconds: 30
          securityContext: {{- include "common.podSecurity" 65532 | nindent 12 }}
          {{- with include "common.scheduling" .Values }}{{ nindent 10 . }}{{ end }}
          {{- with .Values.backup.image.pullSecrets }}
          imagePullSecrets: {{- toYaml . | nindent 12 }}
          {{- end }}
          containers:
            - name: backup
              image: {{ .Values.backup.image.repository }}:{{ required (printf "%s: backup.enabled needs backup.image.tag" .Chart.Name) .Values.backup.image.tag }}
              imagePullPolicy: {{ .Values.backup.image.pullPolicy }}
              args: [backup]
              env:
                - { name: SERVICE, value: {{ $service }} }
                - { name: STORE_URL, valueFrom: { secretKeyRef: { name: {{ include "store.secret" . }}, key: url } } }
                - { name: BACKUP_REPOSITORY, value: {{ required (printf "%s: backup.enabled needs backup.repository" .Chart.Name) .Values.backup.repository | quote }} }
                - { name: RESTIC_PASSWORD_FILE, value: /etc/bulkhead/backup/password }
                - { name: RESTIC_CACHE_DIR, value: /tmp/cache }
                - { name: AWS_ACCESS_KEY_ID, valueFrom: { secretKeyRef: { name: {{ $secret }}, key: AWS_ACCESS_KEY_ID, optional: true } } }
                - { name: AWS_SECRET_ACCESS_KEY, valueFrom: { secretKeyRef: { name: {{ $secret }}, key: AWS_SECRET_ACCESS_KEY, optional: true } } }
                - { name: KEEP_LAST, value: {{ .Values.backup.keep.last | quote }} }
                - { name: KEEP_DAILY, value: {{ .Values.backup.keep.daily | quote }} }
                - { name: KEEP_WEEKLY, value: {{ .Values.backup.keep.weekly | quote }} }
              volumeMounts:
                - { name: secret, mountPath: /etc/bulkhead/backup, readOnly: true }
                - { name: tmp, mountPath: /tmp }
                {{- if .Values.backup.claim }}
                - { name: repository, mountPath: /backups }
                {{- end }}
              resources: {{- toYaml .Values.backup.resources | nindent 16 }}
              securityContext: {{- include "common.containerSecurity" . | nindent 16 }}
          volumes:
            - { name: secret, secret: { secretName: {{ $secret }}, defaultMode: 0440, items: [{ key: password, path: password }] } }
            - { name: tmp, emptyDir: {} }
            {{- with .Values.backup.claim }}
            - { name: repository, persistentVolumeClaim: { claimName: {{ . }} } }
            {{- end }}
---
# The repository may be anywhere, so its port is all that a policy can name. Restores also read the event log and the list of erased people.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{- include "common.backupMetadata" . | nindent 2 }}
spec:
  podSelector: { matchLabels: { app.kubernetes.io/name: {{ .Release.Name }}-backup } }
  policyTypes: [Ingress, Egress]
  egress:
    {{- include "common.dns" . | nindent 4 }}
    - to: [{ podSelector: { matchLabels: { app.kubernetes.io/part-of: bulkhead, app.kubernetes.io/component: store } } }]
      ports: [{ port: 6379 }, { port: 27017 }]
    {{- with .Values.backup.ports }}
    - ports: [{{ range $index, $port := . }}{{ if $index }}, {{ end }}{ port: {{ $port }} }{{ end }}]
    {{- end }}
{{- end }}
{{- end }}

{{- define "common.backupLabels" -}}
app.kubernetes.io/name: {{ .Release.Name }}-backup
app.kubernetes.io/part-of: bulkhead
app.kubernetes.io/component: backup
{{- end }}

{{- define "common.backupMetadata" -}}
name: {{ .Release.Name }}-backup
labels:
  {{- include "common.backupLabels" . | nindent 2 }}
  app.kubernetes.io/managed-by: {{ .Release.Service }}
  helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}
