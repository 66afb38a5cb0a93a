/** A program that a user may lack, and where to get it. The release and the build are of the same version. */
export interface Program {
  readonly name: string
  /** The oldest version that is taken where the program is on PATH. */
  readonly oldest: string
  readonly release: Release
  readonly build: GoBuild
}

/** An official archive, NAME.tar.gz, that has its programs in a folder NAME. */
export interface Release {
  readonly version: string
  /** Below the base of downloads; `{platform}` stands for a key of `sha256`. */
  readonly path: string
  /** The programs to take out of it: all of them, so that one download serves all. */
  readonly programs: readonly string[]
  /** SHA-256 of the archive in hex, by Go's names of operating system and processor. */
  readonly sha256: Readonly<Record<string, string>>
}

/** How the program is built where its release cannot be had. */
interface GoBuild {
  readonly package: string
  /** The version of the package's module, which may differ from the program's. */
  readonly version: string
  /** From the module's go.mod. An older Go gets it by itself, unless GOTOOLCHAIN forbids that. */
  readonly oldestGo: string
  readonly flags: readonly string[]
  /** How long the first build takes on two cores. */
  readonly minutes: number
  /** In what the build differs from the release: what follows "this build". */
  readonly note?: string
}

const prometheusRelease: Release = {
  version: '3.14.0',
  path: 'prometheus/prometheus/releases/download/v3.14.0/prometheus-3.14.0.{platform}.tar.gz',
  programs: ['prometheus', 'promtool'],
  sha256: {
    'linux-amd64': 'f665c6da19eb7ba399c915d30c7d9793c9b417bf8a749b504bc470678631478d',
    'linux-arm64': '077f3781ab7245dc04c9a3c9b78ba120fc8e41aa0dc97489b0af67247e50ba83',
  },
}

const prometheusBuild = {
  version: 'v0.314.0',
  oldestGo: '1.25.8',
  flags: [
    '-tags=remove_all_sd', // leaves out the discovery of two dozen clouds, and so two thirds of the time
    '-ldflags=-s -w -X github.com/prometheus/common/version.Version=3.14.0', // else they do not know their version
  ],
}

/** The programs that can be installed. To move one to another version, change every version and checksum of it. */
export const PROGRAMS = {
  prometheus: {
    name: 'prometheus',
    oldest: '3.0.0',
    release: prometheusRelease,
    build: {
      ...prometheusBuild,
      package: 'github.com/prometheus/prometheus/cmd/prometheus',
      minutes: 4,
      note: 'has no web pages, only the API; and knows static, file and HTTP discovery only',
    },
  },
  promtool: {
    name: 'promtool',
    oldest: '3.0.0',
    release: prometheusRelease,
    build: {
      ...prometheusBuild,
      package: 'github.com/prometheus/prometheus/cmd/promtool',
      minutes: 3,
      note: 'knows static, file, HTTP and Kubernetes discovery only',
    },
  },
  k6: {
    name: 'k6',
    oldest: '2.0.0',
    release: {
      version: '2.2.0',
      path: 'grafana/k6/releases/download/v2.2.0/k6-v2.2.0-{platform}.tar.gz',
      programs: ['k6'],
      sha256: {
        'linux-amd64': 'b5a8003c86f35f5cd5ceef1490312c48e587696c94d998cefc6d7b3b4cb1597d',
        'linux-arm64': '4ecd64cadcc792402d16293836115480419c4447c032858f564852d98f1bf54c',
      },
    },
    build: {
      package: 'go.k6.io/k6/v2',
      version: 'v2.2.0',
      oldestGo: '1.25.0',
      flags: ['-ldflags=-s -w'],
      minutes: 3,
    },
  },
} satisfies Record<string, Program>
