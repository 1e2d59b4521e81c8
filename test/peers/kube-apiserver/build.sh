#!/bin/sh
# Builds the API server of Kubernetes from Go modules into FOLDER (about five minutes on two cores, 2 GB of disk), for
# pool-cluster.test.ts. The module of Kubernetes holds no staging modules, so that their published versions take their place.
#   sh test/peers/kube-apiserver/build.sh FOLDER
set -eu
version=v1.34.2
staging=v0.34.2
folder=$(mkdir -p "$1" && cd "$1" && pwd)
export GOMODCACHE="$folder/mod" GOCACHE="$folder/cache" GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=mod
cd "$folder"
go mod download "k8s.io/kubernetes@$version"
rm -rf source && cp -r "mod/k8s.io/kubernetes@$version" source && chmod -R u+w source
cd source
for module in $(grep -o './staging/src/k8s.io/[a-z-]*' go.work | sed 's|./staging/src/||' | sort -u); do
  go mod edit -replace "$module=$module@$staging"
done
rm -f go.work go.work.sum
nice -n 10 go build -ldflags=-s -o "$folder/kube-apiserver" ./cmd/kube-apiserver
