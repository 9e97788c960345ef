"""`mvn -Pcap` as far as it goes without Oracle's SDK, which may not be passed on.

The SDK here is a stand-in: the API is jCardSim's, and its converter only writes down what it was asked to do. So these
tests show what the profile compiles and which command line it gives, not that a real converter accepts the applet.
"""

import os
import pathlib
import shutil
import subprocess
import zipfile

import pytest

from countersign_tests.cards import REPOSITORY

JAVA_HOME = pathlib.Path(next(iter(sorted(pathlib.Path("/usr/lib/jvm").glob("java-17-openjdk-*")))))
SIMULATOR = pathlib.Path.home() / ".m2/repository/com/klinec/jcardsim/3.0.6.0/jcardsim-3.0.6.0.jar"
AID = "0xF0:0x43:0x53:0x49:0x47:0x4E"
JAVA_7 = 51

RECORDER = """
package com.sun.javacard.converter;
import java.nio.file.*;
import java.util.*;
public class Main {
  public static void main(String[] args) throws Exception {
    Path to = Path.of(args[Arrays.asList(args).indexOf("-d") + 1], "countersign/card/javacard/card.cap");
    Files.createDirectories(to.getParent());
    Files.writeString(to, System.getProperty("jc.home") + "\\n" + String.join("\\n", args));
  }
}
"""


@pytest.fixture
def applet(tmp_path):
    """A copy of the applet's sources: other tests use what is built in the tree."""
    source = REPOSITORY / "smartcard-applet"
    copy = tmp_path / "smart card applet"
    copy.mkdir()
    shutil.copy(source / "pom.xml", copy)
    shutil.copytree(source / "src" / "main", copy / "src" / "main")
    return copy


def make(applet, *options):
    command = ["mvn", "-B", "-ntp", "-Dmaven.test.skip=true", "-Dstyle.color=never", "-Pcap", *options, "package"]
    environment = os.environ | {"JAVA_HOME": str(JAVA_HOME)}
    return subprocess.run(command, cwd=applet, env=environment, capture_output=True, text=True, timeout=200)


def stand_in(directory, api="api_classic-3.0.4.jar"):
    """What an SDK has where, with a converter that records its arguments."""
    (directory / "lib").mkdir(parents=True)
    (directory / "api_export_files").mkdir()
    shutil.copy(SIMULATOR, directory / "lib" / api)
    source = directory / "Main.java"
    source.write_text(RECORDER)
    classes = directory / "classes"
    subprocess.run([JAVA_HOME / "bin" / "javac", "-d", classes, source], check=True)
    with zipfile.ZipFile(directory / "lib" / "tools.jar", "w") as jar:
        name = "com/sun/javacard/converter/Main.class"
        jar.write(classes / name, name)
    return directory


def complaint(result):
    assert result.returncode != 0
    lines = [line for line in result.stdout.splitlines() if "JavaCard SDK" in line]
    assert len(lines) == 1, result.stdout
    return lines[0]


def test_without_jc_home_one_sentence_says_what_is_missing(applet):
    said = complaint(make(applet))
    assert "No JavaCard SDK 3.0.5 or later at jc.home=''" in said
    assert "-Djc.home=DIRECTORY" in said


@pytest.mark.parametrize("holds", ["nothing", "tools", "api"])
def test_directory_without_a_whole_sdk_is_refused(applet, tmp_path, holds):
    sdk = stand_in(tmp_path / "sdk")
    if holds != "tools":
        (sdk / "lib" / "tools.jar").unlink()
    if holds != "api":
        (sdk / "lib" / "api_classic-3.0.4.jar").unlink()
    assert f"jc.home='{sdk}'" in complaint(make(applet, f"-Djc.home={sdk}"))


@pytest.mark.parametrize("api", ["api_classic-3.0.4.jar", "api_classic.jar"])
def test_converter_is_given_the_applet_and_nothing_else(applet, tmp_path, api):
    sdk = stand_in(tmp_path / "the sdk", api)
    result = make(applet, f"-Djc.home={sdk}")
    assert result.returncode == 0, result.stdout
    classes = applet / "target" / "cap-classes"
    version = ["-target", "3.0.4"] if api.endswith("-3.0.4.jar") else ["-exportpath", str(sdk / "api_export_files")]
    home, *arguments = (applet / "target" / "countersign.cap").read_text().splitlines()
    assert home == str(sdk)
    assert arguments == [
        "-classdir", str(classes), "-d", str(applet / "target" / "cap"), *version, "-nobanner", "-out", "CAP",
        "-applet", AID + ":0x01", "countersign.card.CountersignApplet", "countersign.card", AID, "1.0",
    ]
    made = [path.relative_to(classes) for path in classes.rglob("*.class")]
    sources = {path.stem for path in (applet / "src/main/java/countersign/card").glob("*.java")}
    assert {path.parent.as_posix() for path in made} == {"countersign/card"}
    assert {path.stem for path in made} == sources
    assert {int.from_bytes((classes / path).read_bytes()[6:8], "big") for path in made} == {JAVA_7}
    assert "target/countersign.cap, SHA-256 " in result.stdout
