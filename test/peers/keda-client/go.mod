module plimsoll.dev/keda-client

go 1.25

require (
	github.com/kedacore/keda/v2 v2.18.1
	google.golang.org/grpc v1.75.1
)

require (
	golang.org/x/net v0.44.0 // indirect
	golang.org/x/sys v0.36.0 // indirect
	golang.org/x/text v0.29.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20250908214217-97024824d090 // indirect
	google.golang.org/protobuf v1.36.9 // indirect
)
