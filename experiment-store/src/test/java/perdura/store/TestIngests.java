package perdura.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestStatus;
import perdura.grids.spec.PerduraException;
import perdura.store.DataSets.NewDataSet;

@ExtendWith(TestingPostgres.class)
class TestIngests {
    private static final String ID = "0123456789abcdef";
    private static final String DIGEST = "ab".repeat(32);

    @Test
    void partsAreCountedOnceHoweverOftenTheyAreDone(TestingStore store) {
        Ingests ingests = new Ingests(store.database());
        ingests.begin(ID, "mimic", "{\"set\":\"mimic-cxr\"}");
        ingests.recordPlan(ID, 3, 70, 100, 2);
        ingests.recordPart(ID, 0, 32, 45, 1);
        ingests.recordPart(ID, 0, 32, 45, 1);
        ingests.recordPart(ID, 2, 6, 10, 0);

        StoredIngest ingest = ingests.loadIngest(ID);

        StoredIngest.Plan plan = Objects.requireNonNull(ingest.plan());
        assertThat(plan.parts()).isEqualTo(3);
        assertThat(plan.images()).isEqualTo(100);
        assertThat(ingest.progress().parts()).isEqualTo(2);
        assertThat(ingest.progress().images()).isEqualTo(55);
        assertThat(ingest.progress().faults()).isEqualTo(3);
        assertThat(ingest.isEnded()).isFalse();
        assertThat(ingest.identity().spec()).isEqualTo("{\"set\":\"mimic-cxr\"}");
    }

    @Test
    void anEndedIngestHasItsDataSetUnderItsName(TestingStore store) {
        Ingests ingests = new Ingests(store.database());
        DataSets dataSets = new DataSets(store.database());
        ingests.begin(ID, "mimic", "{}");
        ingests.recordPlan(ID, 1, 70, 100, 0);
        ingests.finish(ID, "mimic", data(DIGEST), 4);

        assertThat(ingests.loadIngest(ID).outcome().digest()).isEqualTo(DIGEST);
        assertThat(ingests.loadIngest(ID).progress().faults()).isEqualTo(4);
        StoredDataSet stored = dataSets.loadDataSet("mimic");
        assertThat(stored.digest()).isEqualTo(DIGEST);
        assertThat(stored.source().imageSize()).isEqualTo(224);
        assertThat(dataSets.loadDataSet(DIGEST.substring(0, 8))).isEqualTo(stored);
        assertThat(dataSets.listDataSets()).containsExactly(stored);
    }

    @Test
    void aNewIngestMovesTheName(TestingStore store) {
        Ingests ingests = new Ingests(store.database());
        String newer = "cd".repeat(32);
        ingests.begin(ID, "mimic", "{}");
        ingests.finish(ID, "mimic", data(DIGEST), 0);
        ingests.begin(ID, "mimic", "{}");
        ingests.finish(ID, "mimic", data(newer), 0);

        DataSets dataSets = new DataSets(store.database());
        assertThat(dataSets.loadDataSet("mimic").digest()).isEqualTo(newer);
        assertThat(dataSets.loadDataSet(DIGEST).names()).isEmpty();
        assertThat(dataSets.listDataSets()).extracting(StoredDataSet::names).contains(List.of("mimic"), List.of());
    }

    @Test
    void aFailedIngestBeginsAnew(TestingStore store) {
        Ingests ingests = new Ingests(store.database());
        ingests.begin(ID, "mimic", "{}");
        ingests.recordPlan(ID, 3, 70, 100, 0);
        ingests.recordPart(ID, 1, 32, 45, 1);
        ingests.fail(ID, "INVALID_DATA", "a.csv: no such file");
        assertThat(ingests.loadIngest(ID).outcome().errorMessage()).isEqualTo("a.csv: no such file");
        assertThat(ingests.loadIngest(ID).isEnded()).isTrue();

        ingests.begin(ID, "mimic-2", "{}");

        StoredIngest anew = ingests.loadIngest(ID);
        assertThat(anew.status()).isEqualTo(IngestStatus.RUNNING);
        assertThat(anew.identity().name()).isEqualTo("mimic-2");
        assertThat(anew.plan()).isNull();
        assertThat(anew.progress().parts()).isZero();
        assertThat(anew.outcome().errorCode()).isNull();
    }

    @Test
    void anUnknownDataSetIsToldWithTheNearestName(TestingStore store) {
        Ingests ingests = new Ingests(store.database());
        ingests.begin(ID, "mimic-prior", "{}");
        ingests.finish(ID, "mimic-prior", data(DIGEST), 0);

        assertThatThrownBy(() -> new DataSets(store.database()).loadDataSet("mimic-pror"))
                .hasMessageContaining("data set mimic-pror is not in the store; the nearest: mimic-prior")
                .satisfies(e -> assertThat(((PerduraException) e).code()).isEqualTo(ErrorCode.NOT_FOUND));
        assertThatThrownBy(() -> new Ingests(store.database()).loadIngest("feedfeedfeedfeed"))
                .hasMessage("ingest feedfeedfeedfeed is not in the store");
    }

    private static NewDataSet data(String digest) {
        return new NewDataSet(
                digest,
                new StoredDataSet.Source("mimic-cxr", "prior", 224),
                new StoredDataSet.Size(70, 100, 50),
                "file:///artifacts/datasets/" + digest);
    }
}
