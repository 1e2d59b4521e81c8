//go:build tools

// Pins the version of helm that the tests of the chart run.
package tools

import _ "helm.sh/helm/v3/cmd/helm"
