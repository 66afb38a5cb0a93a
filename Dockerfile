# Two images of the service. They need no BuildKit, and use it where it is there:
#   docker build .                one binary on distroless: nothing else to run, and no shell
#   docker build --target dev .   the source under dev/watch.ts, which restarts it on changes; Tilt updates it in place
#
# Tags can be moved to other contents, digests cannot. To pin by digest, take the one of
#   docker buildx imagetools inspect oven/bun:1.4.5-slim
# and write it behind the tag, or build with --build-arg BUN_IMAGE=oven/bun:1.4.5-slim@sha256:… (RUNTIME_IMAGE likewise).

# The version that package.json pins; a test compares them.
ARG BUN_IMAGE=oven/bun:1.4.5-slim
# Bun needs glibc, which distroless `static` lacks.
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${BUN_IMAGE} AS dependencies
WORKDIR /app
COPY package.json bun.lock bunfig.toml ./
# Without development's packages (Bun itself is one of them), and without letting any package run code of its own.
RUN bun install --frozen-lockfile --production --ignore-scripts

# Before `build`, because the classic builder builds every stage above the one that is asked for.
FROM ${BUN_IMAGE} AS dev
# The whole folder belongs to the user `bun` (1000): Tilt's live_update unpacks changed files here, as the user that runs.
RUN install -d -o 1000 -g 1000 /app
WORKDIR /app
COPY --from=dependencies --chown=1000:1000 /app ./
# Each dependency becomes one file: a start then reads 4 of them instead of 470, and takes a third less CPU.
RUN set -e; \
    bundle() { bun build "node_modules/$1" --target bun --format "$2" --external elysia --outfile "node_modules/$1"; }; \
    bundle elysia/dist/index.mjs esm; bundle @elysiajs/swagger/dist/index.mjs esm; \
    bundle pino/pino.js cjs; bundle prom-client/index.js cjs
COPY --chown=1000:1000 tsconfig.json ./
COPY dev ./dev
COPY lib/process.ts lib/user-error.ts ./lib/
COPY --chown=1000:1000 src ./src
# Bun's image switches the cache of transpiled packages off; each reload would transpile them anew.
ENV HOST=0.0.0.0 BUN_RUNTIME_TRANSPILER_CACHE_PATH=/tmp/bun-cache
USER 1000:1000
EXPOSE 3000 9464
ENTRYPOINT []
CMD ["bun", "dev/watch.ts", "--crash-ends", "src", "bun", "src/main.ts"]

FROM dependencies AS build
COPY tsconfig.json ./
COPY src ./src
# No --target: the binary then holds the very Bun that compiles it. On x86-64 that of the official image is the "baseline"
# build, which runs on machines without AVX2 too (older cloud machines, emulators); --target would download one.
# The source map is inside the binary, so that stacks name the source; what is written beside it stays here.
# The binary reads its configuration from the environment alone, never from a file where it happens to start.
RUN bun run build src/main.ts --outfile /out/tipping-point \
    --no-compile-autoload-dotenv --no-compile-autoload-bunfig

FROM ${RUNTIME_IMAGE} AS release
COPY --from=build /out/tipping-point /tipping-point
ENV HOST=0.0.0.0
# By number, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 3000 9464
ENTRYPOINT ["/tipping-point"]
# Last, so that another version or revision builds nothing anew.
ARG VERSION=unknown
ARG REVISION=unknown
# When the revision was made, not the image: the same source gives the same image.
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="tipping-point" \
      org.opencontainers.image.description="A small REST service that is observable from its first commit, and the proof that its monitoring works." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
