module bulkhead.local/registry

go 1.24.1

require github.com/google/go-containerregistry v0.20.3
