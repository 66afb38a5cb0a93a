/** A program and where to get it. Release and build have the same version unless `note` says otherwise. */
export interface Program {
  readonly name: string
  /** The oldest version that is accepted on PATH. */
  readonly oldest: string
  readonly release: Release
  readonly build: GoBuild
}

/** An official archive, a compressed tar file. */
export interface Archive {
  readonly version: string
  /** `{platform}` stands for a key of `sha256`, `{arch}` for its second half. */
  readonly url: string
  /** SHA-256 of the archive in hex, by Go's names of operating system and processor. */
  readonly sha256: Readonly<Record<string, string>>
}

/** An archive NAME.tar.gz with its programs in a folder NAME. */
export interface Release extends Archive {
  /** The programs to unpack. */
  readonly programs: readonly string[]
}

/** An archive that is needed completely. It has one top folder, of any name. */
export interface Tree extends Archive {
  readonly name: string
  /** Path of the program in that folder. */
  readonly program: string
  readonly downloadMegabytes: number
  readonly unpackedMegabytes: number
}

/** How to build a program when its release is not available. */
interface GoBuild {
  readonly package: string
  /** The version of the package's module, which may differ from the program's. */
  readonly version: string
  /** From the module's go.mod. An older Go downloads this version, unless GOTOOLCHAIN forbids that. */
  readonly oldestGo: string
  readonly flags: readonly string[]
  /** Duration of the first build on two cores. */
  readonly minutes: number
  /** How the build differs from the release; follows "this build". */
  readonly note?: string
}

/** Flags for a build that reports its version as programs of the Prometheus project do. */
const versioned = (version: string) => [`-ldflags=-s -w -X github.com/prometheus/common/version.Version=${version}`]

/** A release of the Prometheus project; its checksums are those of the amd64 and the arm64 archive. */
function releaseOf(name: string, version: string, amd64: string, arm64: string, programs = [name]): Release {
  const url = `https://github.com/prometheus/${name}/releases/download/v${version}/${name}-${version}.{platform}.tar.gz`
  return { version, url, programs, sha256: { 'linux-amd64': amd64, 'linux-arm64': arm64 } }
}

const prometheusRelease = releaseOf(
  'prometheus',
  '3.14.0',
  'f665c6da19eb7ba399c915d30c7d9793c9b417bf8a749b504bc470678631478d',
  '077f3781ab7245dc04c9a3c9b78ba120fc8e41aa0dc97489b0af67247e50ba83',
  ['prometheus', 'promtool'],
)

const prometheusBuild = {
  version: 'v0.314.0',
  oldestGo: '1.25.8',
  flags: [
    '-tags=remove_all_sd', // without service discovery for two dozen clouds, a third of the time
    ...versioned('3.14.0'),
  ],
}

/** The programs that can be installed. To update a program, change all of its versions and checksums. */
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
    oldest: '2.1.0',
    release: {
      version: '2.2.0',
      url: 'https://github.com/grafana/k6/releases/download/v2.2.0/k6-v2.2.0-{platform}.tar.gz',
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
  alertmanager: {
    name: 'alertmanager',
    oldest: '0.27.0',
    release: releaseOf(
      'alertmanager',
      '0.34.0',
      '19c75a11d8c03dc4ade7abdbddfb3a8f28c9e7b000d0849cda0cd71dffd74a03',
      'a96ef16598ddc58e84d28167b3352b30e3205698d76c56ef467e4504d7664da4',
    ),
    build: {
      package: 'github.com/prometheus/alertmanager/cmd/alertmanager',
      version: 'v0.31.1', // later modules do not build: the web pages that they embed are missing
      oldestGo: '1.24.0',
      flags: versioned('0.31.1'),
      minutes: 2,
      note: 'is of 0.31.1, the newest whose module holds all that it needs',
    },
  },
  node_exporter: {
    name: 'node_exporter',
    oldest: '1.6.0',
    release: releaseOf(
      'node_exporter',
      '1.12.1',
      'b51d8a76aa2a9156a55d501aca6276fae09e262259a5e4e831d2c2222f084e63',
      'ad35b605f9954b9f1ffddf5ba054bdc5a98d790b9eae5291e1eeb83f1ecbd0e7',
    ),
    build: {
      package: 'github.com/prometheus/node_exporter',
      version: 'v1.12.1',
      oldestGo: '1.25.0',
      flags: versioned('1.12.1'),
      minutes: 1,
    },
  },
  blackbox_exporter: {
    name: 'blackbox_exporter',
    oldest: '0.24.0',
    release: releaseOf(
      'blackbox_exporter',
      '0.28.0',
      'caf5d242fb1cf6d5cb678f3f799f22703d4fafea26b03dcbbd7e1f1825e06329',
      '63312be0983d85e5109710a7dc93df3051157ae581853fa3655d171cc1b2806e',
    ),
    build: {
      package: 'github.com/prometheus/blackbox_exporter',
      version: 'v0.28.0',
      oldestGo: '1.24.0',
      flags: versioned('0.28.0'),
      minutes: 1,
    },
  },
} satisfies Record<string, Program>

/**
 * Grafana with its pages and plugins. There is no build from source: it would need Node.js and gigabytes of packages.
 * The URL is that of a build, because the URL below /oss/release/ has served bytes that differ from the published checksum.
 * The sizes are those of amd64.
 */
export const GRAFANA: Tree = {
  name: 'grafana',
  program: 'bin/grafana',
  version: '13.2.2',
  url: 'https://dl.grafana.com/grafana/release/13.2.2/grafana_13.2.2_34846740809_linux_{arch}.tar.gz',
  sha256: {
    'linux-amd64': '9662c838a09824fdb072e5f6fbdd45b62cf541b20f3d609ea5011e6e5f544c8f',
    'linux-arm64': '7268f9a576f919f14e6263b344a85b6ac8d768fbda247910c43ce4e12c747a72',
  },
  downloadMegabytes: 457,
  unpackedMegabytes: 1400,
}
