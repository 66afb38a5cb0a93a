# Two images of the service. BuildKit is used when it is available, but not needed:
#   docker build .                one binary on distroless, without a shell
#   docker build --target dev .   the source, which Tilt updates; dev/watch.ts restarts the service on changes
#
# A tag can be moved to other contents, a digest cannot. To pin an image by digest, append @sha256:… to BUN_IMAGE or
# RUNTIME_IMAGE, here or by --build-arg; docker buildx imagetools inspect IMAGE prints the digest.

# The Bun that package.json pins; a test compares the versions, because FROM cannot read package.json.
ARG BUN_IMAGE=oven/bun:1.4.5-slim
# Bun needs glibc, which distroless `static` does not have.
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${BUN_IMAGE} AS dependencies
WORKDIR /app
COPY package.json bun.lock bunfig.toml ./
# Without development dependencies (Bun is one of them), and without install scripts of packages.
RUN bun install --frozen-lockfile --production --ignore-scripts

# Before the stage `build`, because the classic builder builds every stage above the target.
FROM ${BUN_IMAGE} AS dev
# The folder belongs to the user `bun` (1000): as that user, Tilt's live_update unpacks changed files here.
RUN install -d -o 1000 -g 1000 /app
WORKDIR /app
COPY --from=dependencies --chown=1000:1000 /app ./
# Bundle each dependency into one file: a start reads 4 files instead of 470, and takes a third less CPU.
RUN set -e; \
    bundle() { bun build "node_modules/$1" --target bun --format "$2" --external elysia --outfile "node_modules/$1"; }; \
    bundle elysia/dist/index.mjs esm; bundle @elysiajs/swagger/dist/index.mjs esm; \
    bundle pino/pino.js cjs; bundle prom-client/index.js cjs
COPY --chown=1000:1000 tsconfig.json service.config.ts ./
COPY dev ./dev
COPY lib/process.ts lib/user-error.ts ./lib/
COPY --chown=1000:1000 src ./src
# Bun's image disables the cache of transpiled files, so each restart would transpile every file again.
ENV HOST=:: BUN_RUNTIME_TRANSPILER_CACHE_PATH=/tmp/bun-cache
USER 1000:1000
EXPOSE 3000 9464
ENTRYPOINT []
CMD ["bun", "dev/watch.ts", "--crash-ends", "src", "bun", "src/main.ts"]

FROM dependencies AS build
COPY tsconfig.json service.config.ts ./
COPY src ./src
# Without --target, the binary contains the Bun that compiles it; --target would download another one. On x86-64, the
# official image has the "baseline" build of Bun, which also runs without AVX2 (older cloud machines, emulators). The
# binary contains the source map, so stack traces name the source. The binary reads its configuration from the
# environment only, never from a .env or bunfig file in the working directory.
RUN bun run build src/main.ts --outfile /out/tipping-point \
    --no-compile-autoload-dotenv --no-compile-autoload-bunfig

FROM ${RUNTIME_IMAGE} AS release
COPY --from=build /out/tipping-point /tipping-point
ENV HOST=::
# By number: Kubernetes cannot tell from a name that the user is not root.
USER 65532:65532
EXPOSE 3000 9464
ENTRYPOINT ["/tipping-point"]
# Last, so that another version or revision rebuilds no layer.
ARG VERSION=unknown
ARG REVISION=unknown
# The time of the revision, not of the build: the same source gives the same image.
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="tipping-point" \
      org.opencontainers.image.description="A small REST service that is observable from its first commit, and the proof that its monitoring works." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
