# The image of one service: docker build --build-arg SERVICE=catalog . Of a tool: --build-arg SERVICE=load --build-arg FOLDER=packages/load
# (`make images` builds all images, with their labels.) Only the last stage becomes the image. It runs no command, so one build machine can
# build it for every platform.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

# The files that npm reads, without the versions of services, so that a new version of one service does not install all packages again.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS manifests
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY packages packages
COPY services services
COPY bench bench
COPY scripts/images/manifests.ts scripts/images/
RUN node scripts/images/manifests.ts /manifests

# Installed once for all services. The machine's npm settings and certificate authorities are secrets, which are in no layer.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS packages
WORKDIR /src
COPY --from=manifests /manifests ./
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca,target=/run/secrets/ca \
    [ ! -s /run/secrets/ca ] || export npm_config_cafile=/run/secrets/ca; \
    npm install --no-save --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error && rm -rf /root/.npm /tmp/*

# Copies only the service's own part, so that changes elsewhere do not change its image.
FROM packages AS bundle
ARG SERVICE
ARG NEXT=
ARG FOLDER=services/${SERVICE}
COPY packages/cli/src/bundling/bundle.ts packages/cli/src/bundling/
COPY packages/chassis packages/chassis
COPY scripts/images scripts/images
COPY test/cluster/next test/cluster/next
COPY ${FOLDER} ${FOLDER}
RUN node scripts/images/bundle.ts "$SERVICE" /out $NEXT

FROM ${NODE_IMAGE}
ARG SERVICE
ARG DESCRIPTION=
ARG VERSION=
ARG REVISION=
ARG CREATED=
ARG SOURCE=
LABEL org.opencontainers.image.title="bulkhead-${SERVICE}" \
      org.opencontainers.image.description="${DESCRIPTION}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses="MIT"
# Returns large blocks of memory to the system at once: see packages/cli/src/services/memory-settings.ts
ENV NODE_ENV=production MALLOC_MMAP_THRESHOLD_=1048576
WORKDIR /app
COPY --from=bundle /out/app ./
COPY --from=bundle /out/sbom /usr/share/sbom
USER 65532:65532
EXPOSE 8080 9090
# The same command as in packages/cli/src/services/service-program.ts. There is no shell or npm in between, so SIGTERM reaches the service.
ENTRYPOINT ["node", "--max-semi-space-size=8", "--heap-growing-percent=60", "server.js"]
