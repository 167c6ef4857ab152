# salesos-mock as an image: one static program, nothing else.
#
#   docker build -t salesos-mock .
#   docker run --rm -p 127.0.0.1:4000:4000 salesos-mock
#
# Files of one's own are mounted as folders, since a single file that is mounted cannot be replaced by an editor's
# save; without them the built-in ones are served:
#
#   /fixtures    resource definitions, records, auth.yaml, routes.yaml
#   /scenarios   scenario files
#
#   docker run --rm -p 127.0.0.1:4000:4000 -v ./fixtures:/fixtures:ro salesos-mock --rate-limit on
#
# Settings that the health check needs to know (port, TLS) are given as environment, the others either way. In a
# compose file, whoever needs the mock waits for it without a script:
#
#   services:
#     salesos:
#       build: .
#       environment: {SALESOS_MOCK_SEED: "7"}
#       volumes: ["./fixtures:/fixtures:ro"]
#     app:
#       depends_on: {salesos: {condition: service_healthy}}
#       environment: {SALESOS_API_URL: "http://salesos:4000/api"}
#
# Where .git is a file (a worktree, a submodule) there is no commit to stamp: --build-arg GOFLAGS=-buildvcs=false

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
# Modules first: they change less often than the sources.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG GOFLAGS
ARG TARGETOS
ARG TARGETARCH
RUN CGO_ENABLED=0 GOOS="$TARGETOS" GOARCH="$TARGETARCH" go build -trimpath -ldflags="-s -w" -o salesos-mock .

FROM scratch
LABEL org.opencontainers.image.title="salesos-mock" \
      org.opencontainers.image.description="A SalesOS API that fails on demand"
COPY --from=build /src/salesos-mock /salesos-mock
# A number, so that an orchestrator can see that it is not root; there is no file of users here.
USER 65532:65532
# The folders are looked for in the working directory.
WORKDIR /
# Inside a container, loopback would be out of everybody's reach. Which machines reach the port is said by -p.
ENV SALESOS_MOCK_HOST=0.0.0.0
EXPOSE 4000
HEALTHCHECK --interval=2s --timeout=3s --start-period=10s --retries=5 CMD ["/salesos-mock", "health"]
ENTRYPOINT ["/salesos-mock"]
