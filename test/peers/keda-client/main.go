// A client made of KEDA's own generated code. It makes every call of the external scaler protocol and prints the answers,
// one JSON object a line: main ADDRESS SERVICE ENVIRONMENT [CA [CERT KEY]]. With the files it has the TLS that KEDA makes of the parameters
// caCert, tlsClientCert and tlsClientKey.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"time"

	pb "github.com/kedacore/keda/v2/pkg/scalers/externalscaler"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

func say(call string, answer any, err error) {
	line := map[string]any{"call": call}
	if err != nil {
		line["error"] = map[string]any{"code": status.Code(err).String(), "message": status.Convert(err).Message()}
	} else {
		line["answer"] = answer
	}
	text, _ := json.Marshal(line)
	fmt.Println(string(text))
}

func read(file string) []byte {
	content, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	return content
}

func transport(files []string) credentials.TransportCredentials {
	if len(files) == 0 {
		return insecure.NewCredentials()
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(read(files[0]))
	config := &tls.Config{RootCAs: trusted}
	if len(files) == 3 {
		own, err := tls.X509KeyPair(read(files[1]), read(files[2]))
		if err != nil {
			panic(err)
		}
		config.Certificates = []tls.Certificate{own}
	}
	return credentials.NewTLS(config)
}

func main() {
	connection, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(transport(os.Args[4:])))
	if err != nil {
		panic(err)
	}
	defer connection.Close()
	client := pb.NewExternalScalerClient(connection)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	ref := &pb.ScaledObjectRef{
		Name: "scaled", Namespace: "vision",
		ScalerMetadata: map[string]string{"service": os.Args[2], "environment": os.Args[3]},
	}
	active, err := client.IsActive(ctx, ref)
	say("IsActive", active.GetResult(), err)
	spec, err := client.GetMetricSpec(ctx, ref)
	say("GetMetricSpec", spec.GetMetricSpecs(), err)
	for _, name := range []string{"plimsoll-desired-replicas", "other"} {
		values, err := client.GetMetrics(ctx, &pb.GetMetricsRequest{ScaledObjectRef: ref, MetricName: name})
		say("GetMetrics", values.GetMetricValues(), err)
	}
	stream, err := client.StreamIsActive(ctx, ref)
	if err == nil {
		for count := 0; count < 2; count++ {
			next, err := stream.Recv()
			say("StreamIsActive", next.GetResult(), err)
			if err != nil {
				break
			}
		}
	}
}
