{{/* Name of the application: the chart's, unless overridden. */}}
{{- define "proffer.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Name of every object: the release's when it already says proffer, else RELEASE-proffer. */}}
{{- define "proffer.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "proffer.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Labels by which Services, budgets and policies find the operator's Pods. They can never change. */}}
{{- define "proffer.selectorLabels" -}}
app.kubernetes.io/name: {{ include "proffer.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end -}}

{{/* Labels of every object. */}}
{{- define "proffer.labels" -}}
{{ include "proffer.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: proffer
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Labels of every object and a user's, given as (list . LABELS); a key that selectors need is never displaced. */}}
{{- define "proffer.labelsWith" -}}
{{- $root := index . 0 -}}
{{- $more := index . 1 -}}
{{- merge (include "proffer.labels" $root | fromYaml) (default dict $more) | toYaml -}}
{{- end -}}

{{/* Name of the account that the operator runs as. */}}
{{- define "proffer.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "proffer.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* Image reference: by digest when one is given, else by tag, else by the chart's appVersion. */}}
{{- define "proffer.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* Port of metrics: one number for container, Service and policy. */}}
{{- define "proffer.metricsPort" -}}8080{{- end -}}

{{/* Port of health: one number for container and policy. */}}
{{- define "proffer.healthPort" -}}8081{{- end -}}

{{/* Secret with the certificate of the allocation API: one of somebody else, or that of the chart. */}}
{{- define "proffer.allocationSecret" -}}
{{- .Values.allocation.tls.secretName | default (printf "%s-allocation-tls" (include "proffer.fullname" .)) -}}
{{- end -}}

{{/* Port of the allocation API: one number for container, Service and policy. */}}
{{- define "proffer.allocationPort" -}}8443{{- end -}}

{{/* The operator's own Lease: the name is fixed, so that two releases in one namespace never both lead. */}}
{{- define "proffer.leaseName" -}}proffer{{- end -}}

{{/*
Takes the rules about amounts out of a schema, where it stands. API servers before 1.34 do not see that an amount is a
short text, and refuse a definition with such rules as too expensive.
*/}}
{{- define "proffer.dropAmountRules" -}}
{{- range $key, $value := . }}
{{- if eq $key "x-kubernetes-validations" }}
{{- $kept := list }}
{{- range $value }}
{{- if not (contains "uantity(" .rule) }}{{ $kept = append $kept . }}{{ end }}
{{- end }}
{{- $_ := set $ $key $kept }}
{{- else if kindIs "map" $value }}
{{- include "proffer.dropAmountRules" $value }}
{{- end }}
{{- end }}
{{- end -}}
