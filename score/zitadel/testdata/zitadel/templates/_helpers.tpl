{{- define "zitadel.pod" -}}
{{- $ := index . 0 }}
automountServiceAccountToken: false
securityContext: {{- toYaml $.Values.podSecurityContext | nindent 2 }}
containers:
  - name: zitadel
    image: "{{ $.Values.image.repository }}:{{ $.Values.image.tag }}"
    args: [{{ index . 1 }}, --config, /config/zitadel-config-yaml, --masterkeyFromEnv]
    securityContext: {{- toYaml $.Values.securityContext | nindent 6 }}
    resources: {{- toYaml $.Values.resources | nindent 6 }}
    env:
      - name: ZITADEL_MASTERKEY
        valueFrom:
          secretKeyRef: {name: {{ required "a master key" $.Values.zitadel.masterkeySecretName }}, key: masterkey}
    envFrom:
      - secretRef: {name: {{ $.Values.envVarsSecret }}}
    ports:
      - {name: http, containerPort: 8080, protocol: TCP}
    volumeMounts:
      - {name: config, mountPath: /config, readOnly: true}
volumes:
  - name: config
    configMap: {name: {{ $.Values.fullnameOverride }}-config-yaml}
{{- end }}
