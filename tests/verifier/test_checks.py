from pathlib import Path
from tests.verifier.town import the_town
from verifier import petition_verify


def test_the_clean_town_is_good_in_every_check(tmp_path: Path, capsys) -> None:
    the_town().publish(tmp_path)
    code = petition_verify.main(["log", str(tmp_path)])
    print(capsys.readouterr().out)
    assert code == 0
