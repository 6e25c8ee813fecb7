"""What a lifecycle policy expires (ECR's user guide, "Automate the cleanup of images by using lifecycle policies").

A rule marks whatever it matches, and what one rule has marked none of a lower priority can take; so a rule that
matches a tag and keeps many protects these images from all that follow. An image expires by exactly one rule or none.
"""

import fnmatch
import time
from collections.abc import Iterable
from typing import Any

from .image import LocalImage

DAY = 86_400  # seconds


def expired(policy: dict[str, Any], images: Iterable[LocalImage]) -> list[str]:
    """The digests that go, by the rules in the order of their priority."""
    # Two that were pushed in the same second are told apart by their order.
    newest_first = sorted(images, key=lambda image: image.image_pushed_at)[::-1]
    marked: set[str] = set()
    going: list[str] = []
    for rule in sorted(policy["rules"], key=lambda rule: rule["rulePriority"]):
        selection = rule["selection"]
        matching = [image for image in newest_first if matches(selection, image)]
        going += [image.digest for image in over(selection, matching) if image.digest not in marked]
        marked |= {image.digest for image in matching}
    return going


def matches(selection: dict[str, Any], image: LocalImage) -> bool:
    status = selection["tagStatus"]
    if status == "untagged":
        return not image.image_tags
    if status == "any":
        return True
    # With several patterns or prefixes, an image has to have a tag for each of them.
    patterns = [*selection.get("tagPatternList", []), *(f"{each}*" for each in selection.get("tagPrefixList", []))]
    return bool(image.image_tags) and all(
        any(fnmatch.fnmatchcase(tag, pattern) for tag in image.image_tags) for pattern in patterns
    )


def over(selection: dict[str, Any], newest_first: list[LocalImage]) -> list[LocalImage]:
    if selection["countType"] == "imageCountMoreThan":
        return newest_first[selection["countNumber"] :]
    limit = time.time() - selection["countNumber"] * DAY
    return [image for image in newest_first if image.image_pushed_at < limit]


def contradiction(policy: dict[str, Any]) -> str | None:
    """What moto's own check lets pass and the user guide rules out ("Lifecycle policy properties")."""
    rules = policy["rules"]
    priorities = [rule["rulePriority"] for rule in rules]
    if len(set(priorities)) < len(priorities):
        return "rulePriority is not unique"
    for rule in rules:
        selection = rule["selection"]
        named = "tagPatternList" in selection or "tagPrefixList" in selection
        if (selection["tagStatus"] == "tagged") != named:
            return "tagPatternList or tagPrefixList is for tagStatus=tagged, and has to be there then"
        if (selection["countType"] == "sinceImagePushed") != ("countUnit" in selection):
            return "countUnit is for countType=sinceImagePushed, and has to be there then"
        if selection["tagStatus"] == "any" and rule["rulePriority"] != max(priorities):
            return "a rule of tagStatus=any has to have the highest rulePriority"
    return None
