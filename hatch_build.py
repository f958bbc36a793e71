"""Build hook: the package's dependencies and extras are those of the requirements files, which stand on their own."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Requirements(MetadataHookInterface):
    def update(self, metadata: dict) -> None:
        metadata["dependencies"] = self._read("requirements.txt")
        extras = ("gpu", "onnx", "ray", "dev")
        metadata["optional-dependencies"] = {extra: self._read(f"requirements-{extra}.txt") for extra in extras}

    def _read(self, name: str) -> list[str]:
        """The requirements in a file, without comments and without the files that it includes."""
        lines = (line.partition("#")[0].strip() for line in Path(self.root, name).read_text("utf-8").splitlines())
        return [line for line in lines if line and not line.startswith("-r")]
