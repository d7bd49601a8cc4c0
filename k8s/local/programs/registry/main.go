// A registry of images for skaffold and the cluster of our own: registry ADDRESS FOLDER. It runs until its input ends.
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("say: registry ADDRESS FOLDER")
	}
	server := &http.Server{
		Addr:              os.Args[1],
		ReadHeaderTimeout: 10 * time.Second,
		Handler: registry.New(
			registry.WithBlobHandler(registry.NewDiskBlobHandler(os.Args[2])),
			registry.Logger(log.New(os.Stderr, "", log.LstdFlags)),
		),
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	log.Fatal(server.ListenAndServe())
}
