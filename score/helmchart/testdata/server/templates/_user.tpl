{{- define "server.user" -}}
runAsNonRoot: true
runAsUser: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}
{{- define "server.container" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
{{- define "server.job" -}}
backoffLimit: 2
ttlSecondsAfterFinished: 60
template:
  spec:
    restartPolicy: Never
    automountServiceAccountToken: false
    securityContext: {{- include "server.user" . | nindent 6 }}
    containers:
      - name: job
        image: {{ .Values.image }}
        args: ["--version"]
        securityContext: {{- include "server.container" . | nindent 10 }}
{{- end }}
