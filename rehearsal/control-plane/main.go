// Command control-plane is the real Kubernetes control plane in one binary: etcd, kube-apiserver, kube-controller-manager and
// kube-scheduler of the published modules. The first argument says which of them this process is.
package main

import (
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	if len(os.Args) < 2 {
		fail("name a part: etcd, kube-apiserver, kube-controller-manager or kube-scheduler")
	}
	part := os.Args[1]
	go endWithParent()
	os.Args = append([]string{part}, os.Args[2:]...)
	switch part {
	case "etcd":
		runEtcd()
	case "kube-apiserver":
		run(apiserver.NewAPIServerCommand())
	case "kube-controller-manager":
		run(controllermanager.NewControllerManagerCommand())
	case "kube-scheduler":
		run(scheduler.NewSchedulerCommand())
	default:
		fail("no part is named " + part)
	}
}

// endWithParent ends this process once its standard input is closed, which is what happens when whoever started it is gone,
// however that came about. Nothing is ever written to that input.
func endWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
	time.Sleep(10 * time.Second)
	os.Exit(1)
}

func run(command *cobra.Command) {
	os.Exit(cli.Run(command))
}

// runEtcd serves one member on a loopback port until it is told to end. Without fsync: its state lives as long as a rehearsal does.
func runEtcd() {
	client := flag.String("client-url", "", "where clients reach it, e.g. http://127.0.0.1:2379")
	peer := flag.String("peer-url", "", "where peers would reach it")
	folder := flag.String("data-dir", "", "folder of its state")
	flag.Parse()
	config := embed.NewConfig()
	config.Dir = *folder
	config.ListenClientUrls, config.AdvertiseClientUrls = urls(*client), urls(*client)
	config.ListenPeerUrls, config.AdvertisePeerUrls = urls(*peer), urls(*peer)
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.UnsafeNoFsync = true
	config.LogLevel = "warn"
	config.LogOutputs = []string{"stderr"}
	member, err := embed.StartEtcd(config)
	if err != nil {
		fail(err.Error())
	}
	select {
	case <-member.Server.ReadyNotify():
	case err := <-member.Err():
		fail(err.Error())
	case <-time.After(time.Minute):
		fail("etcd was not ready within a minute")
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	select {
	case <-stop:
	case err := <-member.Err():
		fail(err.Error())
	}
	member.Close()
}

func urls(text string) []url.URL {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" {
		fail("not a URL: " + text)
	}
	return []url.URL{*parsed}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(1)
}
