{{- define "nats.name" -}}{{ .Values.fullnameOverride | default .Release.Name }}{{- end }}
{{- define "nats.labels" -}}
app.kubernetes.io/name: nats
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: nats
{{- end }}
{{- define "nats.container" -}}
name: nats
image: {{ .Values.container.image }}
args: [--config, /etc/nats-config/nats.conf]
env:
  - name: POD_NAME
    valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.name}}
ports:
  - {name: nats, containerPort: {{ .Values.config.nats.port }}, protocol: TCP}
  - {name: monitor, containerPort: {{ .Values.config.monitor.port }}, protocol: TCP}
readinessProbe:
  httpGet: {path: "/healthz?js-server-only=true", port: monitor}
  periodSeconds: 1
volumeMounts:
  - {name: config, mountPath: /etc/nats-config}
  - {name: {{ include "nats.name" . }}-js, mountPath: {{ .Values.config.jetstream.fileStore.dir }}}
  {{- range .Values.container.patch }}
  - {{ toYaml .value | nindent 4 }}
  {{- end }}
{{- end }}
{{- define "nats.pod" -}}
metadata:
  labels: {{- include "nats.labels" . | nindent 4 }}
spec:
  containers:
    - {{ mustMergeOverwrite (include "nats.container" . | fromYaml) .Values.container.merge | toYaml | nindent 6 }}
  volumes:
    - name: config
      configMap: {name: {{ include "nats.name" . }}-config}
    {{- range .Values.podTemplate.patch }}
    - {{ toYaml .value | nindent 6 }}
    {{- end }}
{{- end }}
