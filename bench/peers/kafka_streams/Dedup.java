import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.Stores;

/**
 * The Kafka Streams peer deduplicates ids and sums TEU in state stores (RocksDB, cached, with
 * changelogs), at least once and with one stream thread. Its rule is that of bench/counting.py.
 *
 * Arguments: bootstrap, events, folder, application id, topic, version.
 */
public final class Dedup {
    private static final Map<Character, Integer> HUNDREDTHS = Map.ofEntries(
            Map.entry('1', 50), Map.entry('2', 100), Map.entry('A', 117), Map.entry('B', 120),
            Map.entry('C', 122), Map.entry('D', 122), Map.entry('E', 128), Map.entry('F', 133),
            Map.entry('3', 150), Map.entry('4', 200), Map.entry('G', 205), Map.entry('H', 215),
            Map.entry('K', 223), Map.entry('L', 225), Map.entry('M', 240), Map.entry('N', 245),
            Map.entry('P', 265));
    private static final Set<Integer> NO_TEU = Set.of(4, 5, 7);
    private static final long PORT_OFFSET_SECONDS = 8 * 3600;
    private static final byte[] SEEN = {1};

    private static final AtomicLong skipped = new AtomicLong();
    private static final AtomicLong done = new AtomicLong();
    private static volatile long started;
    private static volatile long ended;
    private static volatile long cpuStarted;
    private static volatile long cpuEnded;

    private Dedup() {}

    private static final class MoveSummer implements Processor<byte[], byte[], Void, Void> {
        private final ObjectMapper json = new ObjectMapper();
        private final long events;
        private final CountDownLatch finished;
        private KeyValueStore<String, byte[]> ids;
        private KeyValueStore<String, Long> sums;

        MoveSummer(long events, CountDownLatch finished) {
            this.events = events;
            this.finished = finished;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            ids = context.getStateStore("ids");
            sums = context.getStateStore("sums");
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            if (started == 0) {
                started = System.nanoTime();
                cpuStarted = cpuNanoseconds();
            }
            try {
                post(json.readTree(record.value()));
            } catch (java.io.IOException error) {
                throw new java.io.UncheckedIOException(error);
            }
            if (done.incrementAndGet() == events) {
                ended = System.nanoTime();
                cpuEnded = cpuNanoseconds();
                finished.countDown();
            }
        }

        private void post(JsonNode event) {
            if (!event.get("type").textValue().equals("port.container.moved.v1")) return;
            String id = event.get("source").textValue() + '\0' + event.get("id").textValue();
            if (ids.putIfAbsent(id, SEEN) != null) {
                skipped.incrementAndGet();
                return;
            }
            JsonNode move = event.get("data");
            int teu = hundredths(move);
            if (teu == 0) return;
            long seconds = OffsetDateTime.parse(event.get("time").textValue()).toEpochSecond();
            String key = move.get("facilityCode").textValue() + '|'
                    + (seconds + PORT_OFFSET_SECONDS) / 86_400;
            Long before = sums.get(key);
            sums.put(key, before == null ? teu : before + teu);
        }

        private static int hundredths(JsonNode move) {
            String kind = move.get("equipmentEventTypeCode").textValue();
            if (!kind.equals("LOAD") && !kind.equals("DISC")) return 0;
            if (!move.get("eventClassifierCode").textValue().equals("ACT")) return 0;
            if (NO_TEU.contains(move.path("moveStatus").intValue())) return 0;
            if (!move.path("facilityTypeCode").asText("POTE").equals("POTE")) return 0;
            String mode = move.path("transportCall").path("modeOfTransport").asText("");
            if (mode.equals("RAIL") || mode.equals("TRUCK")) return 0;
            String size = move.path("ISOEquipmentCode").asText("");
            return size.isEmpty() ? 0 : HUNDREDTHS.getOrDefault(size.charAt(0), 0);
        }
    }

    public static void main(String[] arguments) throws Exception {
        long events = Long.parseLong(arguments[1]);
        Path folder = Path.of(arguments[2]);
        CountDownLatch finished = new CountDownLatch(1);

        Properties config = new Properties();
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[3]);
        config.put(StreamsConfig.STATE_DIR_CONFIG, folder.resolve("state").toString());
        config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000); // as the worker's setting
        config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 64L << 20);
        config.put(StreamsConfig.producerPrefix("compression.type"), "lz4");
        config.put(StreamsConfig.producerPrefix("linger.ms"), 100);
        config.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        config.put(StreamsConfig.consumerPrefix("max.poll.records"), 5000);

        Topology topology = new Topology();
        topology.addSource("moves", Serdes.ByteArray().deserializer(),
                Serdes.ByteArray().deserializer(), arguments[4]);
        topology.addProcessor("summer", () -> new MoveSummer(events, finished), "moves");
        topology.addStateStore(Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore("ids"),
                Serdes.String(), Serdes.ByteArray()).withCachingEnabled(), "summer");
        topology.addStateStore(Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore("sums"),
                Serdes.String(), Serdes.Long()).withCachingEnabled(), "summer");

        KafkaStreams streams = new KafkaStreams(topology, config);
        streams.start();
        finished.await();
        Map<String, Long> sums = new TreeMap<>();
        try (var all = streams.store(StoreQueryParameters.fromNameAndType(
                "sums", QueryableStoreTypes.<String, Long>keyValueStore())).all()) {
            all.forEachRemaining(sum -> sums.merge(sum.key, sum.value, Long::sum));
        }
        streams.close();
        Files.write(folder.resolve("report.json"), new ObjectMapper().writeValueAsBytes(Map.of(
                "version", "Kafka Streams " + arguments[5],
                "events", done.get(),
                "skipped", skipped.get(),
                "seconds", (ended - started) / 1e9,
                "cpu_seconds", (cpuEnded - cpuStarted) / 1e9,
                "sums", sums)));
    }

    private static long cpuNanoseconds() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
