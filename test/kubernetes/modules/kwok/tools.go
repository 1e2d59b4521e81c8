//go:build tools

// Names the program that the test cluster builds, so that go.mod keeps it.
package kwok

import _ "sigs.k8s.io/kwok/cmd/kwok"
