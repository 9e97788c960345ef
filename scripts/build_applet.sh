#!/usr/bin/env bash
# Builds the card applet, its tests and the bridge to the virtual reader with Maven, if a source is newer than the jar.
#
# usage: build_applet.sh [--always]
set -euo pipefail

cd "$(dirname "$0")/../smartcard-applet"
jar=target/countersign-card-bridge.jar

# several tests may ask at once
mkdir -p target
exec 9>target/.lock
flock 9

newer=$(find pom.xml src ../tests/vectors -newer "$jar" -type f 2>/dev/null | head -n 1 || true)
if [ "${1:-}" != --always ] && [ -f "$jar" ] && [ -z "$newer" ]; then exit 0; fi

# Debian's Java 17, whatever the machine's own default is
JAVA_HOME=$(dirname "$(dirname "$(readlink -f /usr/lib/jvm/java-17-openjdk-*/bin/javac | head -n 1)")")
export JAVA_HOME
mvn -B -ntp package
test -f "$jar"
