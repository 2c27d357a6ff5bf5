"""The database keeps the weeks in which each ask reaches families (consultations/plan/models.py, Window)."""

from django.db import migrations

OF_A_CONSULTATION = """
CREATE FUNCTION consultations_window_of_consultation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.record = 'live' AND NEW.opens_on IS NOT NULL AND NEW.closes_on IS NOT NULL AND NEW.withdrawn_on IS NULL
        AND NEW.archived_at IS NULL AND NEW.deleted_at IS NULL
    THEN
        INSERT INTO consultations_window AS there (consultation_id, weeks, is_public, audiences, areas, topics)
        VALUES (
            NEW.id,
            daterange(NEW.opens_on, NEW.closes_on, '[]'),
            NEW.published_at IS NOT NULL,
            ARRAY(SELECT audience_id FROM consultations_consultation_audiences WHERE consultation_id = NEW.id ORDER BY 1),
            ARRAY(SELECT area_id FROM consultations_consultation_areas WHERE consultation_id = NEW.id ORDER BY 1),
            ARRAY(SELECT topic_id FROM consultations_consultation_topics WHERE consultation_id = NEW.id ORDER BY 1)
        )
        ON CONFLICT (consultation_id) DO UPDATE
        SET weeks = EXCLUDED.weeks, is_public = EXCLUDED.is_public
        WHERE (there.weeks, there.is_public) IS DISTINCT FROM (EXCLUDED.weeks, EXCLUDED.is_public);
    ELSIF TG_OP = 'UPDATE' THEN
        DELETE FROM consultations_window WHERE consultation_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER window_of_consultation AFTER INSERT OR UPDATE OF
    record, opens_on, closes_on, withdrawn_on, published_at, archived_at, deleted_at
ON consultations_consultation FOR EACH ROW EXECUTE FUNCTION consultations_window_of_consultation();

INSERT INTO consultations_window (consultation_id, weeks, is_public, audiences, areas, topics)
SELECT id, daterange(opens_on, closes_on, '[]'), published_at IS NOT NULL,
    ARRAY(SELECT audience_id FROM consultations_consultation_audiences WHERE consultation_id = asked.id ORDER BY 1),
    ARRAY(SELECT area_id FROM consultations_consultation_areas WHERE consultation_id = asked.id ORDER BY 1),
    ARRAY(SELECT topic_id FROM consultations_consultation_topics WHERE consultation_id = asked.id ORDER BY 1)
FROM consultations_consultation asked
WHERE record = 'live' AND opens_on IS NOT NULL AND closes_on IS NOT NULL AND withdrawn_on IS NULL
    AND archived_at IS NULL AND deleted_at IS NULL;
"""

OF_AN_INTENTION = """
CREATE FUNCTION consultations_window_of_intention() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.removed_at IS NULL AND NEW.consultation_id IS NULL AND NEW.joins_id IS NULL THEN
        INSERT INTO consultations_window AS there (intention_id, weeks, is_public, audiences, areas, topics)
        VALUES (
            NEW.id,
            daterange(NEW.starts_on, NEW.ends_on, '[]'),
            FALSE,
            ARRAY(SELECT audience_id FROM consultations_intention_audiences WHERE intention_id = NEW.id ORDER BY 1),
            ARRAY(SELECT area_id FROM consultations_intention_areas WHERE intention_id = NEW.id ORDER BY 1),
            ARRAY(SELECT topic_id FROM consultations_intention_topics WHERE intention_id = NEW.id ORDER BY 1)
        )
        ON CONFLICT (intention_id) DO UPDATE SET weeks = EXCLUDED.weeks
        WHERE there.weeks IS DISTINCT FROM EXCLUDED.weeks;
    ELSIF TG_OP = 'UPDATE' THEN
        DELETE FROM consultations_window WHERE intention_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER window_of_intention AFTER INSERT OR UPDATE OF starts_on, ends_on, consultation_id, joins_id, removed_at
ON consultations_intention FOR EACH ROW EXECUTE FUNCTION consultations_window_of_intention();
"""

# Told by the table which list it is: the list in the window, the column of the term, the column of the ask.
LISTS = """
CREATE FUNCTION consultations_window_lists() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'UPDATE consultations_window w SET %1$I = ARRAY(SELECT t.%2$I FROM %3$I t WHERE t.%4$I = w.%4$I ORDER BY 1)'
        ' WHERE w.%4$I IN (SELECT %4$I FROM changed)',
        TG_ARGV[0], TG_ARGV[1], TG_TABLE_NAME, TG_ARGV[2]
    );
    RETURN NULL;
END $$;
"""
ONE_LIST = """
CREATE TRIGGER window_list_grows AFTER INSERT ON consultations_{ask}_{list} REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION consultations_window_lists('{list}', '{term}_id', '{ask}_id');
CREATE TRIGGER window_list_shrinks AFTER DELETE ON consultations_{ask}_{list} REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION consultations_window_lists('{list}', '{term}_id', '{ask}_id');
"""
EVERY_LIST = "".join(
    ONE_LIST.format(ask=ask, list=f"{term}s", term=term)
    for ask in ("consultation", "intention")
    for term in ("audience", "area", "topic")
)
BACK = """
DROP FUNCTION consultations_window_of_consultation() CASCADE;
DROP FUNCTION consultations_window_of_intention() CASCADE;
DROP FUNCTION consultations_window_lists() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("consultations", "0011_forward_plan")]

    operations = [migrations.RunSQL(OF_A_CONSULTATION + OF_AN_INTENTION + LISTS + EVERY_LIST, BACK)]
