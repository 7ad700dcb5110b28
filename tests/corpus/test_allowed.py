from ocrfactory.corpus.allowed import Allowed

OLD = "\u1112\u119e\u11ab"


def test_a_text_is_allowed_if_each_of_its_clusters_is():
    allowed = Allowed(frozenset({"가", "e", "葛\U000e0100", OLD}))
    assert "가 e" in allowed
    assert f"葛\U000e0100{OLD}가" in allowed
    assert "葛" not in allowed
    assert "e\u0301" not in allowed


def test_parts_of_a_cluster_do_not_allow_it():
    assert OLD not in Allowed(frozenset(OLD))
    assert "e\u0301" not in Allowed(frozenset({"e", "\u0301"}))


def test_what_is_foreign_is_named_once():
    assert Allowed(frozenset("가")).foreign("나가나 葛\U000e0100") == ["나", "葛\U000e0100"]
